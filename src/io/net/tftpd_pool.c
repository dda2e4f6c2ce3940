#include "net/tftpd_pool.h"

#include "base/mem.h"
#include "net/udp.h"

#include <stdlib.h>
#include <unistd.h>

#define RANGE_SHARES 8

static void
port_close(struct tftpd_port *p)
{
	if (p->readable != NULL)
		event_free(p->readable);
	if (p->fd >= 0)
		close(p->fd);
	p->readable = NULL;
	p->fd = -1;
}

static bool
port_watch(
    const struct tftpd_pool_plan *plan, struct tftpd_port *p, event_callback_fn call, struct err *e)
{
	p->engine = plan->engine;
	p->readable = event_new(plan->base, p->fd, EV_READ | EV_PERSIST, call, p);
	if (p->readable == NULL || event_add(p->readable, NULL) != 0)
		return err_set(e, ERR_IO, "cannot watch a UDP socket");
	return true;
}

static bool
port_add(
    struct tftpd_pool *pool, const struct tftpd_pool_plan *plan, uint16_t number, struct err *e)
{
	struct tftpd_port *p = &pool->ports[pool->count];

	if (!udp_sibling(pool->listen.fd, number, &p->fd, e))
		return false;
	p->pool = pool;
	pool->count++;
	return port_watch(plan, p, plan->on_packet, e);
}

/* How many ports an engine takes: few of a small range, where other workers need theirs too, and
 * those that take over while old ones drain. How many there are costs no speed. */
static unsigned
ports_wanted(const struct tftpd_pool_plan *plan)
{
	unsigned share = (plan->last - plan->first + 1u) / RANGE_SHARES;

	if (plan->first == 0 || share >= plan->ports)
		return plan->ports;
	return share > 0 ? share : 1;
}

/* Out of a range the free ports are taken, from a random one on, as other engines take theirs. */
static bool
ports_open(struct tftpd_pool *pool, const struct tftpd_pool_plan *plan, struct err *e)
{
	unsigned wanted = ports_wanted(plan);
	unsigned range = plan->last - plan->first + 1u;
	unsigned tries = plan->first > 0 ? range : wanted;
	unsigned start = plan->first > 0 ? arc4random_uniform(range) : 0;

	pool->ports = mem_new(wanted, sizeof *pool->ports);
	for (unsigned i = 0; i < tries && pool->count < wanted; i++) {
		unsigned number = plan->first > 0 ? plan->first + (start + i) % range : 0;

		if (!port_add(pool, plan, (uint16_t)number, e) && e->code != ERR_CONFLICT)
			return false;
	}
	if (pool->count == 0)
		return err_set(
		    e, ERR_CONFLICT, "no UDP port from %u to %u is free", plan->first, plan->last);
	return true;
}

struct tftpd_pool *
tftpd_pool_open(const struct tftpd_pool_plan *plan, int fd, struct err *e)
{
	struct tftpd_pool *pool = mem_new(1, sizeof *pool);

	pool->listen = (struct tftpd_port){ .pool = pool, .fd = fd };
	if (udp_prepare(fd, e) && ports_open(pool, plan, e) &&
	    port_watch(plan, &pool->listen, plan->on_request, e))
		return pool;
	tftpd_pool_free(pool);
	return NULL;
}

void
tftpd_pool_deafen(struct tftpd_pool *p)
{
	port_close(&p->listen);
}

struct tftpd_port *
tftpd_pool_pick(const struct tftpd_pool *p)
{
	return &p->ports[arc4random_uniform(p->count)];
}

void
tftpd_pool_free(struct tftpd_pool *p)
{
	port_close(&p->listen);
	for (unsigned i = 0; i < p->count; i++)
		port_close(&p->ports[i]);
	free(p->ports);
	free(p);
}
