/*
 * certquery: which certificates a front asks core about (ASK_OCSP), as bytes on the channel. What
 * the stranger sent is read by pki/ocspreq.h and does not leave the front.
 */
#ifndef WIRE_CERTQUERY_H
#define WIRE_CERTQUERY_H

#include "base/certid.h"
#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

/* One to CERTID_QUERY_MAX; leftovers refused. Spans of a parsed one are loans. Errors:
 * ERR_MALFORMED, ERR_LIMIT. */
must_use bool certquery_encode(const struct certid_query *q, struct wr *out, struct err *e);
must_use bool certquery_parse(struct span in, struct certid_query *out, struct err *e);

/* One alone: what an answer about it is known by. Errors as above. */
must_use bool certquery_encode_id(const struct certid *id, struct wr *out, struct err *e);

#endif
