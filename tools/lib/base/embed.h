/* SPDX-License-Identifier: GPL-2.0-only */
/* A file as a run of bytes in the program: symbol to symbol_end. */
#ifndef TOOLS_LIB_EMBED_H
#define TOOLS_LIB_EMBED_H

/* The assembler is the one that can take a file in as it is. */
#define EMBED(symbol, file)                                \
	__asm__(".section .rodata\n"                       \
		".global " #symbol "\n"                    \
		".global " #symbol "_end\n"                \
		".balign 8\n" #symbol ":\n"                \
		".incbin \"" file "\"\n" #symbol "_end:\n" \
		".byte 0\n"                                \
		".previous\n")

#endif
