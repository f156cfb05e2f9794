/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of the stand-in for a BIOS: two sectors in the form of a Linux
 * kernel's setup, as wimboot has them. It enters the 32-bit part, which the boot
 * loader has put to 1 MiB, with its own address.
 */
	.code16
	.section .setup, "ax"
	.org	0x1f1
	.byte	1			/* sectors after the first */
	.org	0x1fe
	.word	0xaa55
	jmp	start
	.ascii	"HdrS"
	.word	0x203			/* has initrd_addr_max */
	.org	0x210
	.byte	0, 1			/* the 32-bit part goes to 1 MiB */
	.org	0x22c
	.long	0x37ffffff		/* highest address of the files */
start:
	cli
	xor	%ebx, %ebx
	mov	%ds, %bx
	shl	$4, %ebx		/* where these sectors are */
	lea	gdt(%ebx), %eax
	mov	%eax, gdt_at
	lgdt	gdt_size
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$8, $flat
gdt_size:
	.word	gdt_end - gdt - 1
gdt_at:
	.long	0
	.balign	8
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_end:
	.org	1024

	.code32
	.section .text.start, "ax"
flat:
	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$0x9000, %esp
	mov	%ebx, %eax
	call	show_files
stop:	hlt
	jmp	stop
	.section .note.GNU-stack, "", @progbits
