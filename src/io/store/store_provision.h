/*
 * store_provision: what configurations are made from, and what was served. Part of store.h.
 */
#ifndef STORE_STORE_PROVISION_H
#define STORE_STORE_PROVISION_H

#include "base/bytes.h"
#include "base/err.h"
#include "rules/phone.h"
#include "rules/phonecfg.h"
#include "rules/profile.h"

#include <time.h>

struct store;

/* --- phone security profiles --- */
must_use bool store_profile_put(struct store *s, const struct profile *p, struct err *e);
must_use bool store_profile_get(
    struct store *s, const char *name, struct profile *out, bool *found, struct err *e);
must_use bool store_profile_each(
    struct store *s, bool (*each)(void *arg, const struct profile *p), void *arg, struct err *e);
/* Phones with that profile that go with EC keys: key order other than RSA only, or else (holding) a
 * confirmed LSC with an EC key and no MIC with an RSA key. */
#define STORE_EC_NAMES 3
struct store_ec_phones {
	size_t ordering, holding;
	char name[STORE_EC_NAMES][DEVICE_NAME_MAX]; /* the first ones */
	size_t named;
};
must_use bool store_profile_ec_phones(
    struct store *s, const char *profile, struct store_ec_phones *out, struct err *e);
/* Whether the phone is one of those that are holding, whatever its key order and profile. */
must_use bool store_phone_ec_only(struct store *s, const char *phone, bool *out, struct err *e);
/* ERR_CONFLICT while phones have it, with their number. */
must_use bool store_profile_remove(struct store *s, const char *name, bool *found, struct err *e);

/* --- call-manager groups: up to three servers in order --- */
struct store_group {
	char name[PHONE_TEXT_MAX];
	struct phonecfg_server server[PHONECFG_MANAGERS_MAX];
	size_t count;
	char template[PHONE_TEXT_MAX]; /* of its phones; "": none */
};
must_use bool store_group_put(struct store *s, const struct store_group *g, struct err *e);
must_use bool store_group_get(
    struct store *s, const char *name, struct store_group *out, bool *found, struct err *e);
must_use bool store_group_each(struct store *s,
    bool (*each)(void *arg, const struct store_group *g), void *arg, struct err *e);
must_use bool store_group_remove(struct store *s, const char *name, bool *found, struct err *e);

/* --- templates --- */
struct store_template {
	char name[PHONE_TEXT_MAX];
	char model[PHONE_TEXT_MAX]; /* of phones of this model, or of this family ("8800"); "": none
				     */
	struct bytes xml;           /* in put: a loan; in get: store_template_free */
	time_t changed;
};
must_use bool store_template_put(struct store *s, const struct store_template *t, struct err *e);
must_use bool store_template_get(
    struct store *s, const char *name, struct store_template *out, bool *found, struct err *e);
/* The one for a model (exact name of the table first, then its family). */
must_use bool store_template_of_model(struct store *s, const char *model, const char *family,
    struct store_template *out, bool *found, struct err *e);
must_use bool store_template_each(struct store *s,
    bool (*each)(void *arg, const struct store_template *t), void *arg, struct err *e);
/* ERR_CONFLICT while phones or groups name it. */
must_use bool store_template_remove(struct store *s, const char *name, bool *found, struct err *e);
void store_template_free(struct store_template *t);

/* --- values that a phone's template is filled with; some are passwords --- */
/* value "" takes it away. ERR_UNKNOWN: no such phone. */
must_use bool store_phone_value_set(
    struct store *s, const char *phone, const char *key, const char *value, struct err *e);
must_use bool store_phone_value_each(struct store *s, const char *phone,
    bool (*each)(void *arg, const char *key, const char *value), void *arg, struct err *e);

/* --- other clusters' servers, in the order in which they are asked --- */
#define STORE_REMOTE_ADDRESSES 3
struct store_remote {
	char name[PHONE_TEXT_MAX];
	int position; /* from 1 */
	bool tftp;    /* else HTTP */
	struct phonecfg_server server[STORE_REMOTE_ADDRESSES];
	size_t count;
};
must_use bool store_remote_put(struct store *s, const struct store_remote *r, struct err *e);
must_use bool store_remote_each(struct store *s,
    bool (*each)(void *arg, const struct store_remote *r), void *arg, struct err *e);
must_use bool store_remote_remove(struct store *s, const char *name, bool *found, struct err *e);

/* --- what phones fetched (the lists they were handed are beliefs, store_phones.h) --- */
struct store_served {
	char device[DEVICE_NAME_MAX];
	char version[PHONE_TEXT_MAX]; /* versionStamp of the configuration */
	char form[24];                /* provision_form_name */
	char address[PHONE_ADDRESS_MAX];
	time_t at;
	/* Where those always went that were asked for by a signed name; "": there was none;
	 * STORE_SEVERAL: to more than one address. store_served_put: where this one went, or "". */
	char home[PHONE_ADDRESS_MAX];
};
/* The last one of each device, for many in one transaction; devices without a record are passed
 * over. */
must_use bool store_served_put(
    struct store *s, const struct store_served *served, size_t count, struct err *e);
must_use bool store_served_get(
    struct store *s, const char *device, struct store_served *out, bool *found, struct err *e);
/* The device has shown who it is some other way: its home is wherever it fetches next. */
must_use bool store_served_rehome(struct store *s, const char *device, struct err *e);

/* --- the last configuration of a name that could be built --- */
/* Inserts or replaces; the same text keeps its time. */
must_use bool store_good_put(
    struct store *s, const char *name, struct span xml, time_t at, struct err *e);
must_use bool store_good_get(
    struct store *s, const char *name, struct bytes *xml, time_t *at, bool *found, struct err *e);
must_use bool store_good_remove(struct store *s, const char *name, struct err *e);

/* --- for whoever signs shared files: the models of added phones, each once, "" included --- */
must_use bool store_phone_models(
    struct store *s, bool (*each)(void *arg, const char *model), void *arg, struct err *e);

/* Names of added phones after name in order, at most max: for work on all of them in steps. */
must_use bool store_phone_names_after(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const char *name), void *arg, struct err *e);

#endif
