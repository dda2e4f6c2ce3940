/*
 * say: what the console prints at each step, in the words of old and new firmware.
 *
 * Texts: doc/protocols/phone.md 2.4, 7.3 and 7.4, captured; lines that no trace shows are in the
 * same style. Reasons are given in a line of their own.
 */
#ifndef PHONE_SAY_H
#define PHONE_SAY_H

#include "phone/console.h"
#include "rules/trust_eval.h"

/* The phone asks for a list, kept as to, or another file. */
void say_list_request(struct console *c, const char *name, const char *to, const char *server);
void say_file_request(struct console *c, const char *name, const char *server, size_t max);
void say_received(struct console *c, const char *name, size_t n);

/* A configuration is wanted, and why it is asked for in its signed form. */
void say_config(struct console *c, const char *plain_name, size_t max);
void say_secure_server(struct console *c, const char *server, const char *name);

/* What came of a file, in our own words. */
void say_verdict(struct console *c, const char *name, const struct trust_eval_verdict *v);

void say_list_taken(struct console *c, unsigned header_length);
void say_file_verified(struct console *c, const char *name);

/* A warning when the FILENAME element of a file that was accepted is another: phones are not known
 * to check it (open-points.md 12). */
void say_file_name(struct console *c, const struct envelope *env, const char *name);

/* A list or file was refused. */
void say_refused(struct console *c, const char *name, const struct trust_eval_verdict *v);

/* The cache of TVS's answers was emptied for a new CTL. */
void say_cache_flushed(struct console *c);

/* Steps of a question to TVS. */
void say_tvs_question(struct console *c, bool whole_certificate);
void say_tvs_connect(struct console *c, const char *host, unsigned port);
void say_tvs_server_known(struct console *c, const char *host);
void say_tvs_failed(struct console *c, const char *host, const char *reason);
void say_tvs_answer(struct console *c, bool whole_certificate, bool valid);
void say_tvs_cached(struct console *c, unsigned long seconds);

/* Steps of an HTTPS connection. */
void say_https_connect(struct console *c, const char *host, unsigned port);
void say_https_not_in_lists(struct console *c, const char *host, unsigned port);
void say_https_by_tvs(struct console *c);

/* Why CAPF is called: as usual, or because a configuration is not for this phone's key (files.md
 * 4). */
enum say_capf_reason { SAY_CAPF_AUTO, SAY_CAPF_PUBKEY_MISMATCH, SAY_CAPF_DECRYPT_FILE_FAILED };

/* Steps of CAPF. mode: that of capfAuthMode. */
void say_capf_start(struct console *c, unsigned mode, bool typed, enum say_capf_reason reason);
void say_capf_failed(struct console *c, const char *reason);
void say_capf_unreached(struct console *c);

#endif
