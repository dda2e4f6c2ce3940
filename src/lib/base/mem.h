/*
 * mem: allocation that ends the process when memory is gone, and wiping.
 *
 * So code after an allocation is about the protocol. Sizes that come from
 * outside are capped before they get here.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroed memory of count * size bytes; never NULL. Freed with free(). */
void *mem_new(size_t count, size_t size) __attribute__((returns_nonnull));

/* realloc that never returns NULL. The new part is not zeroed. */
void *mem_grow(void *p, size_t count, size_t size) __attribute__((returns_nonnull));

/* A copy of n bytes with a NUL after them; never NULL. Freed with free(). */
char *mem_text(const void *p, size_t n) __attribute__((returns_nonnull));

/* Overwrites n bytes so that the compiler cannot leave it out. */
void mem_wipe(void *p, size_t n);

/* Wipes n bytes, then frees. p may be NULL. */
void mem_wipe_free(void *p, size_t n);

#endif
