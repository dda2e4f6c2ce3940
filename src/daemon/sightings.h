/*
 * sightings: who was heard when and from where, and what it was sent, collected in memory and
 * written once a second or less often, so that a boot storm costs one transaction a second and not
 * one a packet.
 */
#ifndef DAEMON_SIGHTINGS_H
#define DAEMON_SIGHTINGS_H

#include "base/device.h"
#include "store/store.h"

struct sightings;

struct sightings *sightings_new(void);
void sightings_free(struct sightings *s); /* safe with NULL; what was not written is lost */

/* address: printable, with or without a port (which is cut off). */
void sightings_add(struct sightings *s, const struct device *d, struct span address, time_t now);

/* A file was sent whole to a phone that was just added: a trust list that is remembered as handed
 * to it already (store_list.id), or a configuration (provision_form_name, versionStamp; home: where
 * it went, when it was asked for by a signed name, else empty). */
void sightings_list(struct sightings *s, const struct device *d, int64_t list);
void sightings_config(struct sightings *s, const struct device *d, struct span form,
    struct span version, struct span home);

/* Writes what was collected. Errors: ERR_STORE; then it stays collected. */
must_use bool sightings_write(
    struct sightings *s, struct store *store, size_t seen_only_max, struct err *e);

#endif
