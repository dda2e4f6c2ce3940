/*
 * replay: runs a fuzz target over every file of the folders named, as a TAP test. Besides each file
 * it tries the file cut at every byte (up to 4,096) and with each of its first bytes changed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TRIES_MAX 4096

static uint8_t *
read_whole(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long n;

	if (f == NULL)
		return NULL;
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	data = malloc((size_t)n + 1);
	*size = data != NULL ? fread(data, 1, (size_t)n, f) : 0;
	fclose(f);
	return data;
}

/* A copy of exactly size bytes, so that a sanitizer sees the first byte past it. */
static void
run_exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
run_file(uint8_t *data, size_t size)
{
	size_t step = size / TRIES_MAX + 1;

	run_exact(data, size);
	for (size_t n = 0; n < size; n += step)
		run_exact(data, n);
	for (size_t i = 0; i < size; i += step) {
		uint8_t was = data[i];

		data[i] = (uint8_t)~was;
		run_exact(data, size);
		data[i] = was;
	}
}

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (dir == NULL) {
			printf("Bail out! cannot open the corpus %s\n", argv[i]);
			return 1;
		}
		while ((entry = readdir(dir)) != NULL) {
			char path[4096];
			size_t size = 0;
			uint8_t *data;

			snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
			if (entry->d_name[0] == '.' || (data = read_whole(path, &size)) == NULL)
				continue;
			run_file(data, size);
			free(data);
			printf("ok %d - %s\n", ++count, entry->d_name);
		}
		closedir(dir);
	}
	printf("1..%d\n", count);
	return count > 0 ? 0 : 1;
}
