/*
 * tftpd_table: the transfers of a TFTP engine: found by peer, by id and by the time they need care.
 *
 * A finished transfer stays findable until a thousand later ones have finished, so that a late
 * acknowledgement is known for what it is.
 */
#ifndef NET_TFTPD_TABLE_H
#define NET_TFTPD_TABLE_H

#include "net/body.h"
#include "net/udp.h"
#include "talk/tftp.h"

#define TFTPD_TRANSFERS_MAX 500000

enum tftpd_state {
	TFTPD_FREE,
	TFTPD_ASKING,  /* the question about the file is open */
	TFTPD_SENDING, /* talk and body are set */
	TFTPD_FINISHED,
};

struct tftpd_port; /* a socket of the engine */

struct tftpd_link {
	struct tftpd_link *next, *prev;
};

struct tftpd_transfer {
	/* Of the table. */
	struct tftpd_link link;       /* first: in a slot of the wheel, or free, or finished */
	struct tftpd_transfer *chain; /* in the same bucket */
	uint64_t wake_ms;             /* 0: in no slot */
	uint32_t id, bucket;
	/* Of the engine. */
	enum tftpd_state state;
	union udp_address peer;
	struct udp_local local;
	struct tftpd_port *port;
	enum tftp_mode mode;
	struct tftp_options options;
	uint64_t heard_ms;   /* the client's last packet */
	uint64_t sent_round; /* of udp_out_add */
	struct tftp_server talk;
	struct body *body; /* our reference */
	size_t name_n;
	char name[TFTP_NAME_MAX];
};

struct tftpd_table;

/* transfers: at once, at most TFTPD_TRANSFERS_MAX; per_address: of one IPv4 address or IPv6 /64. */
struct tftpd_table *tftpd_table_new(unsigned transfers, unsigned per_address);
void tftpd_table_free(struct tftpd_table *t); /* with all bodies; safe with NULL */

struct tftpd_transfer *tftpd_table_find(struct tftpd_table *t, const union udp_address *peer);

/* The transfer with this id that is not finished; ids come again only after 4096 uses of a place.
 */
struct tftpd_transfer *tftpd_table_by_id(struct tftpd_table *t, uint32_t id);

/* A new transfer of a peer that has none, empty but for peer and id; NULL: a limit is reached. */
struct tftpd_transfer *tftpd_table_add(struct tftpd_table *t, const union udp_address *peer);

/* Out of the limits and the wheel, still findable; its state is set. */
void tftpd_table_finish(struct tftpd_table *t, struct tftpd_transfer *x);

/* Gone altogether, finished or not. */
void tftpd_table_drop(struct tftpd_table *t, struct tftpd_transfer *x);

/* Care is needed at this time. One that comes up earlier stays: the engine looks at the deadline
 * and sets the next one, so that an acknowledgement costs nothing here. */
void tftpd_table_wake(struct tftpd_table *t, struct tftpd_transfer *x, uint64_t at_ms);

/* One that has come up by now, taken out of the wheel; NULL: no more. */
struct tftpd_transfer *tftpd_table_due(struct tftpd_table *t, uint64_t now_ms);

size_t tftpd_table_open(const struct tftpd_table *t);

#endif
