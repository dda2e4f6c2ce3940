/*
 * scenarios: the scenario matrix (tests/vectors/scenarios), read.
 */
#ifndef TESTS_RULES_SCENARIOS_H
#define TESTS_RULES_SCENARIOS_H

#include "base/bytes.h"
#include "rules/trust_boot.h"

/* Whose keys there are in a cluster of two nodes, of which the first serves files. */
enum who { CM1, CM2, TVS1, TVS2, REC, CAPF, WEB, EC, TOK1, TOK2, WHO };

#define BIT(w) (1u << (w))

enum gen { G8 = 1, G10 = 2, G12 = 4 };

enum ctl { NO_CTL, TOKEN, TOKENLESS };

/* Circumstances, by the words of the matrix. */
enum flags {
	EMPTIED = 1,
	CTL_UPDATED = 2,
	TVS_STOPPED = 4,
	OTHER_NODE = 8,
	MOVED = 16,
	OLD_GONE = 32,
	PREPARED = 64,
	FACTORY = 128,
	CTL_WITHOUT_REC = 256,
	NOT_RESET = 512,
	OTHER_SIGNER = 1024,
	RESTORED = 2048,
	DAMAGED = 4096,
	PREPARED_CALLMANAGER = 8192,
	NO_CTL_SERVED = 16384,
};

#define NO TRUST_BOOT_NOTHING
#define RE TRUST_BOOT_REJECTED
#define BL TRUST_BOOT_BLIND
#define DI TRUST_BOOT_BY_RECORD
#define TV TRUST_BOOT_BY_TVS

struct row {
	char id[24]; /* "1.1 A1" */
	unsigned gens;
	enum ctl ctl;
	size_t servers;
	unsigned changed; /* BIT(who) */
	unsigned flags;
	enum trust_boot_how want_ctl, want_itl, want_config, want_https, want_capf;
	bool lost;
};

#define SCENARIOS_MAX 200

struct scenarios {
	struct row row[SCENARIOS_MAX];
	size_t count;
	char elsewhere[SCENARIOS_MAX][16]; /* ids of rows that are no boot */
	size_t elsewhere_count;
};

/* False, with a line on stderr, when it cannot be read. */
bool scenarios_read(struct scenarios *out);

/* There is a row with this number, for whatever phone, or it is said why there is none. */
bool scenarios_has(const struct scenarios *s, const char *number);

#endif
