/*
 * phonesettings: what an administrator sets on a phone, as an object of names and texts: the
 * settings of phone_set, "operation", "mic" (the factory certificate, PEM; "" takes it away), and
 * the values of templates as "value.KEY" (or KEY alone when it has a dot, as the columns of an
 * import may say it).
 */
#ifndef DAEMON_PHONESETTINGS_H
#define DAEMON_PHONESETTINGS_H

#include "daemon/core.h"
#include "rules/phone.h"

#include <jansson.h>

/* Puts all of them but MIC and values into the record, and judges the deadline at once. What the
 * record refers to must be there and go with it: profile and template; and the key that it is to
 * make must be allowed (core_capf_key.h). Names "name" and "line" are passed over, they are columns
 * of an import. */
must_use bool phonesettings_apply(
    struct core *c, struct phone *p, const json_t *settings, struct err *e);

/* Stores the record, the MIC and the values. Inside a transaction. */
must_use bool phonesettings_store(
    struct store *s, const struct phone *p, const json_t *settings, struct err *e);

/* Their names for the audit log, without what they are set to; cut to fit. Returns out. */
char *phonesettings_names(const json_t *settings, char *out, size_t out_max);

#endif
