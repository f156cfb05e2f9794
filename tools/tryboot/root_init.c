// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sbin/init of the root disk that tryboot makes: says on the console that it
 * runs, with the word that this run's disk has, and what its root is; nothing
 * but a mounted root can know that word.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORD_SIZE 64

static void read_word(char word[WORD_SIZE])
{
	FILE *file = fopen("/tryboot-word", "r");

	if (!file || !fgets(word, WORD_SIZE, file))
		strcpy(word, "?");
	word[strcspn(word, "\n")] = '\0';
	if (file)
		fclose(file);
}

/* The line of the root, of which there can be two: the last one counts. */
static void read_root(char device[256], char type[64])
{
	FILE *file = fopen("/proc/mounts", "r");
	char line[1024], source[256], where[256], kind[64];

	strcpy(device, "?");
	strcpy(type, "?");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%255s %255s %63s", source, where, kind) < 3 ||
		    strcmp(where, "/"))
			continue;
		strcpy(device, source);
		strcpy(type, kind);
	}
	if (file)
		fclose(file);
}

int main(void)
{
	char word[WORD_SIZE], device[256], type[64];
	int console = open("/dev/console", O_WRONLY | O_NOCTTY);

	if (console >= 0)
		dup2(console, STDOUT_FILENO);
	read_word(word);
	read_root(device, type);
	/* A kernel message must not end up in the middle of it. */
	printf("\ntryboot: root mounted %s %s %s\n", word, device, type);
	fflush(stdout);
	for (;;)
		pause();
}
