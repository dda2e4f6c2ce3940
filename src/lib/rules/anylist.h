/*
 * anylist: a trust list of whatever certificates somebody names.
 */
#ifndef RULES_ANYLIST_H
#define RULES_ANYLIST_H

#include "rules/signedfile.h"

struct anylist_record {
	enum function function;
	const struct cert *cert;
};

/* The function of a record in words of any case: "sast", "tftp", "ccm+tftp" ... */
bool anylist_function(const char *word, enum function *out);

/* An ITL or CTL with these records in their order, as Unified CM writes them, but no host names;
 * where none of them is SAST with the signer's certificate, that one goes before them. Its
 * signature is to be put in yet (signedfile_sign). head: its file name is the list's own.
 * Freed with bytes_free. Errors: ERR_LIMIT (more than phones load), ERR_REFUSED (the signer's key
 * is not RSA). */
must_use bool anylist_build(bool is_ctl, const struct signedfile_head *head,
    const struct anylist_record *record, size_t count, struct bytes *out, struct err *e);

#endif
