/*
 * rig: a phone in a folder of its own, the world around it, and a small cluster's files.
 */
#ifndef TESTS_PHONE_RIG_H
#define TESTS_PHONE_RIG_H

#include "../check.h"

#include "folder.h"
#include "phone/phone.h"
#include "world.h"

#define RIG_NAME "SEP001122334455"

/* TVS servers tvs1, tvs2, and tvs3 on port 9. */
#define RIG_CONFIG \
	"<device><TVS><members><member priority=\"0\"><address>tvs1</address></member>" \
	"<member priority=\"1\"><address>tvs2</address></member><member priority=\"2\">" \
	"<port>9</port><address>tvs3</address></member></members></TVS></device>"

enum rig_who { SAST_C, SAST_I, CCM, TFTP, TVS, CAPF, APP, FILES, MIC, STRANGER, RIG_WHO_COUNT };

struct rig {
	struct identity who[RIG_WHO_COUNT];
	struct world world;
	struct phone_io io;
	struct phone_options options;
	char folder[FOLDER_MAX];
	char *console; /* of the last run */
	size_t console_n;
	bool lsc; /* held after it */
};

/* cmocka's, for the group and for each test; *state is the rig. */
int rig_setup_group(void **state);
int rig_teardown_group(void **state);
int rig_setup(void **state);
int rig_teardown(void **state);

/* Switches the phone on. */
bool rig_boot(struct rig *f);

/* Opens https://host:8443. */
bool rig_opens(struct rig *f, const char *host);

/* A cluster's files, signed by one of us; they replace what was served under their names. */
void rig_serve_itl(struct rig *f, enum rig_who signer, bool empty);
void rig_serve_itl_https(struct rig *f); /* of SAST_I; FILES shows itself on the HTTPS port */
void rig_serve_ctl(struct rig *f, enum rig_who signer);
void rig_serve_config(struct rig *f, enum rig_who signer, const char *xml);
void rig_serve_plain(struct rig *f, const char *xml);

/* CAPF on host "capf": the configuration of a settled phone now names an operation, of this
 * capfAuthMode. */
struct world_server *rig_serve_capf(struct rig *f, int mode);

/* The companion, which names cert and CAPF, and RIG_CONFIG encrypted for key's certificate and
 * signed by signer. */
void rig_serve_encrypted(
    struct rig *f, enum rig_who signer, const struct cert *cert, const struct cert *key);

/* A phone that has come up against the cluster once: ITL of SAST_I, configuration RIG_CONFIG. */
void rig_settle(struct rig *f);

/* A TVS server with the certificate TVS; when it says yes, it is about STRANGER, roles SAST and
 * TFTP, for a day. */
struct world_server *rig_tvs(struct rig *f, const char *host, bool valid);

/* A file of the phone's folder; empty when there is none. */
struct bytes rig_kept(struct rig *f, const char *name);

#define assert_kept(f, name, want) \
	do { \
		struct bytes assert_kept_ = rig_kept((f), (name)); \
		assert_span_equal(bytes_span(&assert_kept_), (want)); \
		bytes_free(&assert_kept_); \
	} while (0)

#define assert_says(f, text) \
	do { \
		if (strstr((f)->console, (text)) == NULL) \
			fail_msg("the console lacks '%s':\n%s", (text), (f)->console); \
	} while (0)

#define assert_silent(f, text) \
	do { \
		if (strstr((f)->console, (text)) != NULL) \
			fail_msg("the console has '%s':\n%s", (text), (f)->console); \
	} while (0)

#define rig_test(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

#endif
