/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 16-bit part of the ROM's first image: headers, what the BIOS calls, and
 * the ways to 32-bit code and back (docs/hardware/expansion-rom.md).
 *
 * This part is linked at 0, for it runs at the start of a segment; the C code
 * behind it at STUB_BASE, where all of it is copied to.
 */
#include "include/connectx/rom.h"
#include "rom/stub/layout.h"
#include "rom/stub/pc.h"

	.code16
	.section .rom16, "ax"
	.globl	_start
_start:
	.byte	0x55, 0xaa, STUB_SIZE / CX_ROM_BLOCK
	.byte	0xe9		/* jump near: three bytes, not two */
	.word	init - . - 2
	.byte	0		/* QEMU mends the checksum here */

	.org	CX_ROM_PCIR
	.word	pcir, pnp

	.org	STUB_PCIR
pcir:
	.ascii	"PCIR"
	.word	0, 0		/* vendor and device, by mkrom */
	.word	0		/* device list */
	.word	CX_PCIR_SIZE
	.byte	CX_PCIR_REVISION_3
	.byte	0x00, 0x00, 0x02	/* Ethernet controller */
	.word	STUB_SIZE / CX_ROM_BLOCK
	.word	0		/* revision of the code */
	.byte	0		/* for the PC BIOS */
	.byte	0		/* more images follow */
	.word	STUB_SIZE / CX_ROM_BLOCK	/* at run time */
	.word	0, 0

	.org	STUB_PNP
pnp:
	.ascii	"$PnP"
	.byte	1, 2		/* revision; size in 16 bytes */
	.word	0		/* no other header */
	.byte	0
	.byte	0		/* checksum, by mkrom */
	.long	0
	.word	STUB_MAKER, STUB_PRODUCT
	.byte	0x02, 0x00, 0x00	/* network interface, Ethernet */
	.byte	0xf4		/* device driver, shadowable, boot device */
	.word	0, 0		/* no boot connection, no disconnection */
	.word	bev
	.word	0, 0

	.org	STUB_ADDRESS
	.word	0xffff
saved_stack:
	.word	0, 0

/*
 * AX: bus, device and function. The image can be written to now, and never
 * again; its checksum is looked at once more after the return.
 */
init:
	push	%ds
	push	%bx
	push	%cx
	push	%si
	push	%cs
	pop	%ds
	mov	%ax, STUB_ADDRESS
	xor	%bl, %bl
	xor	%si, %si
	mov	$STUB_SIZE - 1, %cx
	cld
1:	lodsb
	add	%al, %bl
	loop	1b
	neg	%bl
	mov	%bl, (%si)
	pop	%si
	pop	%cx
	pop	%bx
	pop	%ds
	mov	$0x20, %ax	/* a boot entry, no device attached */
	lret

/* Boots, or returns for the next boot device. */
bev:
	pushfl
	pushal
	push	%ds
	push	%es
	push	%fs
	push	%gs
	cld
	mov	$0x2401, %ax	/* A20 on */
	int	$0x15
	push	%cs
	pop	%ds
	mov	$STUB_BASE >> 4, %ax
	mov	%ax, %es
	xor	%si, %si
	xor	%di, %di
	mov	$STUB_SIZE / 4, %cx
	rep movsl
	xor	%eax, %eax
	mov	$STUB_DATA_SIZE / 4, %cx
	rep stosl
	ljmp	$STUB_BASE >> 4, $low

low:
	mov	%cs, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%sp, saved_stack
	mov	%ss, saved_stack + 2
	mov	$STUB_STACK >> 4, %ax
	mov	%ax, %ss
	mov	$0xfff0, %sp
	call	read_e820
	call	protected
	test	%eax, %eax
	jz	boot
	/* A message: it is in the segment, or just behind it. */
	sub	$STUB_BASE, %eax
	mov	%ax, %si
	call	print
	lss	saved_stack, %sp
	pop	%gs
	pop	%fs
	pop	%es
	pop	%ds
	popal
	popfl
	lret

/* The Linux boot protocol's entry of the setup part */
boot:
	cli
	mov	$SETUP_BASE >> 4, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %fs
	mov	%ax, %gs
	mov	%ax, %ss
	mov	$0xfff0, %sp
	ljmp	$(SETUP_BASE >> 4) + 0x20, $0

#include "rom/stub/print.inc"

/* The firmware's memory map; an entry of length 0 ends it. */
read_e820:
	mov	$E820_AT - STUB_BASE, %di
	mov	$E820_MAX - 1, %bp
	xor	%ebx, %ebx
1:	mov	$0xe820, %eax
	mov	$E820_ENTRY, %ecx
	mov	$E820_SMAP, %edx
	movl	$1, 20(%di)
	int	$0x15
	jc	2f
	cmp	$E820_SMAP, %eax
	jne	2f
	/* An empty one would look like the end. */
	mov	8(%di), %eax
	or	12(%di), %eax
	jz	3f
	add	$E820_ENTRY, %di
	dec	%bp
	jz	2f
3:	test	%ebx, %ebx
	jnz	1b
2:	push	%di
	mov	$E820_ENTRY / 4, %cx
	xor	%eax, %eax
	rep stosl
	pop	%di
	ret

/* Calls stub_main in flat 32-bit mode; what it returns is in EAX. */
protected:
	cli
	lgdtl	gdt_register
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$0x08, $flat + STUB_BASE
	.code32
flat:
	mov	$0x10, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	movzwl	%sp, %esp
	add	$STUB_STACK, %esp
	mov	$stub_main, %eax
	call	*%eax
	sub	$STUB_STACK, %esp
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
	ljmp	$STUB_BASE >> 4, $real
real:
	mov	%cs, %cx
	mov	%cx, %ds
	mov	%cx, %es
	mov	$STUB_STACK >> 4, %cx
	mov	%cx, %ss
	sti
	ret

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* 0x08: code, flat */
	.quad	0x00cf93000000ffff	/* 0x10: data, flat */
	.quad	0x00009b020000ffff	/* 0x18: code, 16 bits, at STUB_BASE */
	.quad	0x000093020000ffff	/* 0x20: data, 16 bits, at STUB_BASE */
gdt_register:
	.word	gdt_register - gdt - 1
	.long	gdt + STUB_BASE

/* What stays with an overlay: a block of its own (resident.h) */
	.section .rodata, "a"
	.balign	4
	.globl	resident_code, resident_code_end
resident_code:
	.incbin	RESIDENT
resident_code_end:

	.section .note.GNU-stack, "", @progbits
