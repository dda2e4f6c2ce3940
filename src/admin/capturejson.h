/*
 * capturejson: what a packet capture says of a phone, as JSON and as text.
 */
#ifndef ADMIN_CAPTUREJSON_H
#define ADMIN_CAPTUREJSON_H

#include "rules/captured.h"

#include <jansson.h>

/* "address", "files", "connections", "names", "left_out". A new reference. */
json_t *capturejson_phone(const struct captured_phone *phone);

/* Prints such an object. */
void capturejson_print(const json_t *phone);

#endif
