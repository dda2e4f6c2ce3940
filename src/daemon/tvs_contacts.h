/*
 * tvs_contacts: who asked TVS what and whose TLS handshake failed, by address, collected in memory
 * and written with the sightings: a question must not cost a transaction.
 */
#ifndef DAEMON_TVS_CONTACTS_H
#define DAEMON_TVS_CONTACTS_H

#include "base/device.h"
#include "base/span.h"
#include "store/store.h"

struct tvs_contacts;

struct tvs_contacts *tvs_contacts_new(void);
void tvs_contacts_free(struct tvs_contacts *t); /* safe with NULL; what was not written is lost */

/* A question about the certificate with this subject. device: NULL for the name of no phone.
 * address: printable, with a port or without (which is cut off). */
void tvs_contacts_question(struct tvs_contacts *t, struct span address, const struct device *device,
    struct span subject, bool is_known, time_t now);

/* A handshake failed with TVS, or with the server of files over HTTPS. */
void tvs_contacts_alert(
    struct tvs_contacts *t, struct span address, bool https, struct span text, time_t now);

/* Writes what was collected. Errors: ERR_STORE; then it stays collected. */
must_use bool tvs_contacts_write(struct tvs_contacts *t, struct store *store, struct err *e);

/* What is known of an address (without port): in memory, else in the store. */
must_use bool tvs_contacts_find(struct tvs_contacts *t, struct store *store, const char *address,
    struct store_tvs_contact *out, struct err *e);

#endif
