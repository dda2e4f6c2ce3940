/*
 * phone_get: fetching a file from the server that the phone boots from, in the order in which its
 * firmware tries (doc/protocols/files.md 8): 78xx and 88xx over HTTP, then TFTP, older ones over
 * TFTP.
 */
#ifndef PHONE_PHONE_GET_H
#define PHONE_PHONE_GET_H

#include "phone/phone.h"

/* Fetches a file and says on the console what came of it; h->via is how it came. Freed with
 * bytes_free. Errors: those of phone_io.get. */
must_use bool phone_get(
    struct handset *h, const char *name, size_t max, struct bytes *out, struct err *e);

/* The phone asks for its configuration over HTTPS: it can EC, and a list that it holds says so. */
bool phone_get_wants_https(const struct handset *h);

/* The same over HTTPS, from a server whose certificate the lists or TVS vouch for. Errors also: the
 * reason why the certificate was refused. */
must_use bool phone_get_https(
    struct handset *h, const char *name, size_t max, struct bytes *out, struct err *e);

/* "HTTPS", "HTTP", "TFTP". */
const char *phone_via_name(enum phone_via via);

#endif
