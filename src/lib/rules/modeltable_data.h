/*
 * modeltable_data: share/models.csv inside the program. Written by tools/embed.py.
 */
#ifndef RULES_MODELTABLE_DATA_H
#define RULES_MODELTABLE_DATA_H

#include <stddef.h>

struct modeltable_file {
	const char *name;
	const char *data;
	size_t size;
};

extern const struct modeltable_file modeltable_files[];
extern const size_t modeltable_files_count;

#endif
