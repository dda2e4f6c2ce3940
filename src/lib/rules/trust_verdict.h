/*
 * trust_verdict: how trust_eval writes down what it decided. Internal to trust_eval.
 */
#ifndef RULES_TRUST_VERDICT_H
#define RULES_TRUST_VERDICT_H

#include "rules/trust_eval.h"

/* Sets the outcome and its reason. */
void trust_verdict_set(struct trust_eval_verdict *v, enum trust_eval_outcome outcome,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Rejects for bytes or a signature that no lookup can save (row 27). */
void trust_verdict_damaged(struct trust_eval_verdict *v, const struct err *e);

/* A TVS server could be asked about what, a short text; else rejects. Without a TVS record no
 * server can be believed, and without a configuration that names one there is none (rows 7, 9, 11,
 * 13, 25, 26). */
must_use bool trust_verdict_can_ask(
    const struct trust_eval_state *st, const char *what, struct trust_eval_verdict *v);

/* Keeps a trusted answer about the certificate at der. cache may be NULL. */
void trust_verdict_cache(struct trust_cache *cache, const struct trust_eval_state *st,
    struct span issuer, struct span serial, struct span der, const struct trust_eval_answer *a);

#endif
