/*
 * core_product: what a phone that asks for a file is given, from the file of the provisioning
 * folder or the template that it is made from.
 */
#ifndef DAEMON_CORE_PRODUCT_H
#define DAEMON_CORE_PRODUCT_H

#include "daemon/core_source.h"
#include "daemon/signatures.h"

struct core_product {
	bool is_found;                        /* else nothing else is filled */
	bool is_unsigned;                     /* content still lacks its signature */
	bool is_repeatable;                   /* its signature fits the same file made again */
	struct signatures_subject signed_for; /* of one that is repeatable */
	bool is_stub;                         /* the companion of an encrypted configuration */
	struct cert *signer;                  /* whose key signs */
	struct bytes content;
	struct filecache_facts facts; /* etag of what is made here: core_product_finish */
};

/* Errors: it cannot be made, and the phone is told only that. Freed with core_product_free. */
must_use bool core_product_make(struct core *c, const struct core_wanted *wanted,
    struct core_source *source, struct core_product *out, struct err *e);

/* The file (taken over in any case) with the signature that a keeper has made for it, which is
 * remembered. Errors: ERR_CRYPTO (it has room for another size). */
must_use bool core_product_signed(struct core *c, const struct core_wanted *wanted,
    struct core_product *p, struct bytes *file, struct span signature, struct err *e);

/* Fills what follows from the finished content. */
must_use bool core_product_finish(struct core_product *p, struct err *e);

void core_product_free(struct core_product *p);

#endif
