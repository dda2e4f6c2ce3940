/*
 * filejson: what is in a trust list, signed or encrypted file, as JSON. Names of members are those
 * of the elements in lower case; bytes are lower-case hex.
 */
#ifndef ADMIN_FILEJSON_H
#define ADMIN_FILEJSON_H

#include "wire/encfile.h"
#include "wire/sgn.h"
#include "wire/trustlist.h"

#include <jansson.h>

/* New references. */
json_t *filejson_list(const struct trustlist *list);
json_t *filejson_sgn(const struct sgn *s);
json_t *filejson_enc(const struct encfile *f);

#endif
