/*
 * phonejson: a phone's record and its history as the control API shows them.
 */
#ifndef DAEMON_PHONEJSON_H
#define DAEMON_PHONEJSON_H

#include "daemon/core.h"
#include "rules/phone.h"

#include <jansson.h>

/* The record, with lsc_status and trust worked out, without the authentication string. *out: a new
 * reference. */
must_use bool phonejson_of(struct core *c, const struct phone *p, json_t **out, struct err *e);

/* Puts the authentication string in, for answers about one phone that was named. */
void phonejson_add_secret(json_t *phone, const struct phone *p);

/* The newest events, of one object when it is not "". *out: a new reference to an array. */
must_use bool eventjson_of(
    struct core *c, const char *object, size_t limit, json_t **out, struct err *e);

#endif
