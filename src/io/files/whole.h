/*
 * whole: all of a buffer to a descriptor.
 */
#ifndef FILES_WHOLE_H
#define FILES_WHOLE_H

#include "base/err.h"
#include "base/span.h"

/* Writes everything, going on after interruptions and short writes. Errors: ERR_IO. */
must_use bool whole_write(int fd, struct span data, struct err *e);

#endif
