/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 16-bit part of what stays resident (resident.h). It runs at the start of
 * a segment, wherever that is: the C code behind it does not mind, and what
 * needs an address of its own is told at run time.
 *
 * INT 15h, E820h: the memory map without what the overlay and we take.
 * INT 15h, EC00h: a 64-bit kernel's setup part says that it goes to long mode.
 * It does so once, in real mode, with its own data segment, when the boot
 * loader has done all that it does: this is the time to join the overlay.
 * INT 18h: nothing was booted. All is as it was before us.
 */
#include "rom/stub/resident.h"

	.code16
	.section .rom16, "ax"
	.globl	resident
resident:
	.long	0, 0
	.word	int15, int18
	.word	0, 0
	.long	0, 0, 0

int15:
	cmpw	$0, %cs:RESIDENT_DONE
	jne	1f
	cmp	$0xe820, %eax
	je	e820
	cmp	$0xec00, %ax
	je	target_mode
1:	ljmp	*%cs:RESIDENT_OLD_INT15

/* EBX: the entry's number, 0 at first and as an answer at the end */
e820:
	cmp	$E820_SMAP, %edx
	jne	1b
	cmp	$RESIDENT_E820_ENTRY, %ecx
	jb	1b
	push	%bp
	mov	%sp, %bp
	orb	$1, 6(%bp)	/* carry, of the caller's flags */
	movzwl	%cs:RESIDENT_E820_COUNT, %eax
	cmp	%eax, %ebx
	jae	2f
	push	%ds
	push	%si
	push	%di
	push	%cs
	pop	%ds
	imul	$RESIDENT_E820_ENTRY, %bx, %si
	add	$RESIDENT_E820, %si
	mov	$RESIDENT_E820_ENTRY / 4, %cx
	cld
	rep movsl
	pop	%di
	pop	%si
	pop	%ds
	inc	%ebx
	cmp	%eax, %ebx
	jb	1f
	xor	%ebx, %ebx
1:	mov	$E820_SMAP, %eax
	mov	$RESIDENT_E820_ENTRY, %ecx
	andb	$0xfe, 6(%bp)
2:	pop	%bp
	iret

target_mode:
	pushal
	push	%ds
	push	%es
	push	%fs
	push	%gs
	cli
	cld
	xor	%edi, %edi
	mov	%ds, %di
	shl	$4, %edi	/* the setup part */
	mov	%cs, %ax
	mov	%ax, %ds
	mov	%sp, saved_stack
	mov	%ss, saved_stack + 2
	mov	%ax, %ss
	mov	$RESIDENT_SIZE, %sp
	call	protected
	test	%ax, %ax
	jz	1f
	mov	%ax, %si
	call	print
1:	lss	saved_stack, %sp
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popal
	ljmp	*%cs:RESIDENT_OLD_INT15

int18:
	push	%ds
	push	%eax
	xor	%ax, %ax
	mov	%ax, %ds
	movw	$1, %cs:RESIDENT_DONE
	/* Only where nobody has come after us */
	mov	%cs, %ax
	shl	$16, %eax
	mov	$int15, %ax
	cmp	IVT_INT15, %eax
	jne	1f
	mov	%cs:RESIDENT_OLD_INT15, %eax
	mov	%eax, IVT_INT15
	mov	%cs, %ax
	shr	$6, %ax
	cmp	BASE_MEMORY, %ax
	jne	1f
	addw	$RESIDENT_KIB, BASE_MEMORY
1:	mov	%cs:RESIDENT_OLD_INT18, %eax
	mov	%eax, IVT_INT18
	pop	%eax
	pop	%ds
	ljmp	*%cs:RESIDENT_OLD_INT18

#include "rom/stub/print.inc"

/*
 * Calls overlay_join for the setup part at EDI, in flat 32-bit mode; the offset
 * of the text that it returns is in AX.
 */
protected:
	xor	%esi, %esi
	mov	%cs, %si
	mov	%si, real_segment
	shl	$4, %esi	/* this block */
	lea	gdt(%esi), %eax
	mov	%eax, gdt_register + 2
	lea	flat(%esi), %eax
	mov	%eax, flat_entry
	mov	%esi, %eax
	mov	%ax, gdt_code16 + 2
	mov	%ax, gdt_data16 + 2
	shr	$16, %eax
	mov	%al, gdt_code16 + 4
	mov	%al, gdt_data16 + 4
	lgdtl	gdt_register
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	*flat_entry
	.code32
flat:
	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	movzwl	%sp, %esp
	add	%esi, %esp
	lea	overlay_join(%esi), %ecx
	mov	%edi, %edx
	mov	%esi, %eax
	call	*%ecx
	test	%eax, %eax
	jz	1f
	sub	%esi, %eax
1:	sub	%esi, %esp
	ljmp	$0x18, $segmented
	.code16
segmented:
	mov	$0x20, %cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	%cx, %ss
	mov	%cr0, %ecx
	and	$0xfe, %cl
	mov	%ecx, %cr0
	ljmp	*real_entry
real:
	mov	%cs, %cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	%cx, %ss
	ret

	.balign	4
saved_stack:
	.word	0, 0
real_entry:
	.word	real
real_segment:
	.word	0
flat_entry:
	.long	0
	.word	0x08
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, flat */
	.quad	0x00cf93000000ffff	/* 0x10: data, flat */
gdt_code16:
	.quad	0x00009b000000ffff	/* 0x18: code, 16 bits, of this block */
gdt_data16:
	.quad	0x000093000000ffff	/* 0x20: data, 16 bits, of this block */
gdt_register:
	.word	gdt_register - gdt - 1
	.long	0

	.section .note.GNU-stack, "", @progbits
