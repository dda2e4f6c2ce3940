/*
 * phone_tvs: asking TVS, as phone.md 2.2 (ASK_TVS) says: up to three servers in order, each known
 * by a TVS record; the first that answers decides.
 */
#ifndef PHONE_PHONE_TVS_H
#define PHONE_PHONE_TVS_H

#include "phone/phone.h"

/* Ends a verdict of TRUST_EVAL_ASK; others are left alone. file: what was judged, or empty. */
void phone_tvs_settle(struct handset *h, struct span file, struct trust_eval_verdict *v);

#endif
