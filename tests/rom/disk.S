/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk of two sectors for a BIOS: the first reads the second by INT 13h and
 * prints the text that is there. SeaBIOS keeps the last letters of a line back from
 * the serial port, hence the dots.
 */
	.code16
	.text
	.globl	_start
_start:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	$packet, %si
	mov	$0x42, %ah
	int	$0x13
	jc	stop
	mov	$0x8000, %si
1:	lodsb
	test	%al, %al
	jz	stop
	mov	$0x0e, %ah
	mov	$7, %bx
	int	$0x10
	jmp	1b
stop:	hlt
	jmp	stop
packet:
	.byte	16, 0
	.word	1, 0x8000, 0
	.quad	1
	.org	510
	.byte	0x55, 0xaa
	.asciz	"e2e: booted from the disk ....\r\n"
	.org	1024
	.section .note.GNU-stack, "", @progbits
