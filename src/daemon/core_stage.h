/*
 * core_stage: keys that are announced begin to count by themselves when phones know them ([trust]
 * activate, activate-share).
 */
#ifndef DAEMON_CORE_STAGE_H
#define DAEMON_CORE_STAGE_H

#include "daemon/core.h"

#include <jansson.h>

struct core_stage;

struct core_stage *core_stage_new(void);
void core_stage_free(struct core_stage *s); /* safe with NULL */

/* A file was sent whole to a phone: a list (store_list.id), or its signed configuration. */
void core_stage_list(struct core *c, const struct device *d, int64_t list, struct span address);
void core_stage_config(struct core *c, const struct device *d, struct span address);

/* What is announced, a setting, or what is known of a phone has changed. */
void core_stage_look_again(struct core *c);

/* Writes what boots have shown; looks, when there is news, whether the phones know the announced
 * keys, and makes these count. */
void core_stage_step(struct core *c);

/* How far it is: null when nothing is announced, else phones by state, share, automatic, refused
 * (why it did not go by itself, or null). *out: a new reference. */
must_use bool core_stage_json(struct core *c, json_t **out, struct err *e);

#endif
