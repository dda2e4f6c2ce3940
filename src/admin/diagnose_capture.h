/*
 * diagnose_capture: what a packet capture says of the phone that is diagnosed, as an argument.
 */
#ifndef ADMIN_DIAGNOSE_CAPTURE_H
#define ADMIN_DIAGNOSE_CAPTURE_H

#include "admin/command.h"

#include <jansson.h>

/* With --capture adds "capture" (capturejson_phone) to args: of the address of --address, else of
 * who asked for a file with the phone's name, else of the only phone that there is. *note: what is
 * to be said of the file afterwards, a new reference, or NULL. A file that was cut counts as far as
 * it goes. Errors: none of these is in it, and what reading says when nothing was read. */
must_use bool diagnose_capture(
    const struct invocation *in, json_t *args, json_t **note, struct err *e);

#endif
