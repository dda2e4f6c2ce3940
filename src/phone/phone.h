/*
 * phone: a simulated phone: what it holds, and what it does with it.
 *
 * It boots, verifies, enrols and complains as doc/protocols/phone.md says; what it believes is
 * decided by rules/trust_eval.h. (rules/phone.h is a phone as the cluster sees it; this is the
 * thing itself, struct handset.)
 */
#ifndef PHONE_PHONE_H
#define PHONE_PHONE_H

#include "base/device.h"
#include "phone/console.h"
#include "phone/flash.h"
#include "phone/misbehave.h"
#include "phone/phone_io.h"
#include "rules/phonecfg.h"
#include "rules/trust_eval.h"

#define PHONE_MODEL_MAX     8
#define PHONE_RETRY_SECONDS 30 /* between tries of CAPF; capf-operation.md 3.5, documented */
#define PHONE_CAPF_TRIES    4  /* one and three more */

/* What the phone keeps; its configuration under that file's name, decrypted. */
#define PHONE_CTL_FILE    "CTLFile.tlv"
#define PHONE_ITL_FILE    "ITLFile.tlv"
#define PHONE_LSC_FILE    "LSC.pem"
#define PHONE_KEY_FILE    "LSC.key"
#define PHONE_NEXT_KEY    "LSC.key.next" /* of a certificate that is not stored yet */
#define PHONE_CSR_KEY     "LSC.key.csr"  /* of one that another CA has to sign first */
#define PHONE_MIC_FILE    "MIC.pem" /* from the factory: put there by whoever makes the phone */
#define PHONE_MIC_KEY     "MIC.key"
#define PHONE_CACHE_FILE  "tvs-cache.txt"
#define PHONE_STATUS_FILE "status-messages.txt"

/* What the command line says. Loans. */
struct phone_options {
	const char *server; /* of TFTP; for the console */
	struct device device;
	const char *model;            /* "8861" */
	uint16_t tvs_port, capf_port; /* where the configuration names none */
	const char *auth_string;      /* digits typed for CAPF; NULL: none */
	const char *mic; /* a PEM file with a certificate and its key, to be kept as MIC */
	struct misbehaviour misbehave;
	unsigned retry_seconds;
	bool all_files; /* fetch what the configuration names, too */
};

/* A list that the phone holds. */
struct phone_list {
	bool held;
	struct bytes file;
	struct trustlist list; /* loans from file */
};

struct handset {
	const struct phone_options *options;
	const struct phone_io *io;
	struct flash flash;
	struct console console;
	struct phone_list ctl, itl;
	bool has_config;
	struct phonecfg config; /* the last one accepted */
	struct cert *lsc;       /* NULL: none */
	struct privkey *lsc_key;
	struct cert *mic; /* NULL: none */
	struct privkey *mic_key;
	struct trust_cache cache;
	uint32_t tvs_session;
	bool no_http;       /* the server did not answer on that port since the phone was opened */
	enum phone_via via; /* of the last file that came */
	enum phone_via config_via; /* of the configuration, in this boot */
	const char *config_form;   /* ".cnf.xml.sgn" ...; NULL: none was accepted in this boot */
};

/* Reads what the phone holds from the folder; damaged files are reported on the console and count
 * as absent. out: where the console goes, NULL for nowhere. Freed with phone_close also after a
 * failure. Errors: ERR_IO (the folder). */
must_use bool phone_open(struct handset *h, const struct phone_options *options,
    const struct phone_io *io, const char *folder, FILE *out, struct err *e);
void phone_close(struct handset *h);

/* What trust_eval is told. A loan from the phone until something changes. */
struct trust_eval_state phone_trust(const struct handset *h);

/* What it shows of itself in TLS: the LSC, else the MIC (phone.md 2.2, step 9); NULL: neither. */
const struct cert *phone_identity(const struct handset *h, const struct privkey **key);

/* Switches on: lists, configuration, CAPF. True when it ends with a configuration that was verified
 * or taken for lack of a list, and could be decrypted, and no list was refused. */
bool phone_boot(struct handset *h);

/* The menus. Errors: ERR_IO. */
must_use bool phone_erase_lists(struct handset *h, struct err *e);
must_use bool phone_erase_lsc(struct handset *h, struct err *e);

/* Opens a secure URL's server as a directory screen does. host may be a name or an address. */
bool phone_verify_https(struct handset *h, const char *host, uint16_t port);

/* "CP-8861-SEP001122334455", as phones show themselves to TVS. */
void phone_presented_name(const struct handset *h, char *out, size_t max);

#endif
