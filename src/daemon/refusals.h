/*
 * refusals: phones that show that they refused a list. One that was handed a list and then ends its
 * connection to TVS in the handshake, or after it without a question, does not know our TVS, nor
 * the list's signer: else it had not called, or had asked. Pure; kept in memory only.
 *
 * Which phone it was its address says. Where several were handed lists it cannot be told.
 */
#ifndef DAEMON_REFUSALS_H
#define DAEMON_REFUSALS_H

#include "base/device.h"
#include "base/span.h"
#include "rules/phone.h"

#include <stdint.h>
#include <time.h>

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *r); /* safe with NULL */

/* A phone judges a list as soon as it has it, and asks within this many seconds. */
#define REFUSALS_WITHIN_S 60
/* Fronts tell what they have sent in parcels: a list that is told so many seconds after the
 * handshake counts as well, and nothing is concluded before. */
#define REFUSALS_LATE_S 2
/* Phones, and addresses whose handshakes failed, that are remembered; of more the oldest go. */
#define REFUSALS_MAX 20000

/* A list (store_list.id) was sent to it whole. address: printable, with a port or without. */
void refusals_list(struct refusals *r, const struct device *d, int64_t list, bool is_ctl,
    struct span address, time_t now);

/* A handshake with TVS failed. */
void refusals_alert(struct refusals *r, struct span address, time_t now);

struct refusal {
	char device[DEVICE_NAME_MAX];
	char address[PHONE_ADDRESS_MAX];
	int64_t ctl, itl; /* that it was handed last; 0: none */
};

/* Each that can be concluded now, which is forgotten after the call. */
void refusals_conclude(struct refusals *r, time_t now,
    void (*each)(void *arg, const struct refusal *refusal), void *arg);

#endif
