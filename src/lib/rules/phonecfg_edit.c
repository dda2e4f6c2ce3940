#include "rules/phonecfg_edit.h"

#include "base/mem.h"
#include "base/text.h"
#include "pki/base64.h"
#include "rules/phonecfg_stamp.h"

#include <libxml/tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* doc/protocols/config.md, section 7, documented. */
#define CAPF_PORT       3804
#define TVS_PORT        2445
#define SCCP_PORT       2000
#define SIP_PORT        5060
#define SIP_SECURE_PORT 5061
#define VPN_HASH_SHA1   "0"
#define HTTPS           "https://"
#define SPACES          " \t\r\n"
#define HTTP            "http://"
#define NUMBER_MAX      24

/* In the order of rules/profile.h, as phonecfg_secure_url_element is. */
static const char *const plain_url_element[PHONECFG_URLS] = { "authenticationURL", "directoryURL",
	"servicesURL", "messagesURL", "informationURL", "idleURL" };

const char *const phonecfg_secure_url_element[PHONECFG_URLS] = { "secureAuthenticationURL",
	"secureDirectoryURL", "secureServicesURL", "secureMessagesURL", "secureInformationURL",
	"secureIdleURL" };

/* --- nodes --- */

static bool
is_same_space(const xmlNs *a, const xmlNs *b)
{
	return a == b || (a != NULL && b != NULL && xmlStrEqual(a->href, b->href));
}

/* n is a child of parent with that name, and not another namespace's. */
static bool
is_child(const xmlNode *parent, const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0 &&
	       is_same_space(n->ns, parent->ns);
}

static xmlNode *
child_find(const xmlNode *parent, const char *name)
{
	for (xmlNode *n = parent->children; n != NULL; n = n->next)
		if (is_child(parent, n, name))
			return n;
	return NULL;
}

static xmlNode *
child_add(xmlNode *parent, const char *name)
{
	xmlNode *n = xmlNewDocNode(parent->doc, parent->ns, (const xmlChar *)name, NULL);

	if (n == NULL || xmlAddChild(parent, n) == NULL)
		abort();
	return n;
}

static xmlNode *
child_need(xmlNode *parent, const char *name)
{
	xmlNode *n = child_find(parent, name);

	return n != NULL ? n : child_add(parent, name);
}

static void
node_remove(xmlNode *n)
{
	xmlUnlinkNode(n);
	xmlFreeNode(n);
}

void
phonecfg_edit_text(xmlNode *element, const char *text)
{
	xmlNode *new;

	for (xmlNode *n = element->children, *next; n != NULL; n = next) {
		next = n->next;
		if (n->type != XML_COMMENT_NODE && n->type != XML_PI_NODE)
			node_remove(n);
	}
	if (text[0] == '\0')
		return;
	new = xmlNewDocText(element->doc, (const xmlChar *)text);
	if (new == NULL)
		abort();
	if (element->children != NULL)
		xmlAddPrevSibling(element->children, new);
	else
		xmlAddChild(element, new);
}

static void
number_set(xmlNode *element, unsigned long number)
{
	char text[NUMBER_MAX];

	snprintf(text, sizeof text, "%lu", number);
	phonecfg_edit_text(element, text);
}

/* --- the children of the root --- */

/* What we look for below device, in the order in which Unified CM writes it. */
enum slot {
	SLOT_FULL_CONFIG,
	SLOT_DEVICE_POOL,
	SLOT_TVS,
	SLOT_VERSION,
	SLOT_MODE,
	SLOT_PLAIN_URL,
	SLOT_SECURE_URL = SLOT_PLAIN_URL + PHONECFG_URLS,
	SLOT_TRANSPORT = SLOT_SECURE_URL + PHONECFG_URLS,
	SLOT_CAPF_AUTH,
	SLOT_CAPF_LIST,
	SLOT_CERT_HASH,
	SLOT_ENCRYPTED,
	SLOT_VPN,
	SLOT_COUNT,
};

static const char *const slot_names[SLOT_COUNT] = {
	[SLOT_FULL_CONFIG] = "fullConfig",
	[SLOT_DEVICE_POOL] = "devicePool",
	[SLOT_TVS] = "TVS",
	[SLOT_VERSION] = "versionStamp",
	[SLOT_MODE] = "deviceSecurityMode",
	[SLOT_TRANSPORT] = "transportLayerProtocol",
	[SLOT_CAPF_AUTH] = "capfAuthMode",
	[SLOT_CAPF_LIST] = "capfList",
	[SLOT_CERT_HASH] = "certHash",
	[SLOT_ENCRYPTED] = "encrConfig",
	[SLOT_VPN] = "vpnGroup",
};

struct editor {
	xmlNode *root;
	xmlNode *slot[SLOT_COUNT]; /* NULL: not there */
};

static const char *
slot_name(size_t slot)
{
	if (slot >= SLOT_SECURE_URL && slot < SLOT_SECURE_URL + PHONECFG_URLS)
		return phonecfg_secure_url_element[slot - SLOT_SECURE_URL];
	if (slot >= SLOT_PLAIN_URL && slot < SLOT_PLAIN_URL + PHONECFG_URLS)
		return plain_url_element[slot - SLOT_PLAIN_URL];
	return slot_names[slot];
}

/* The text or list is ours alone: a second one would leave it to the phone which of them counts. */
static bool
slot_is_single(size_t slot)
{
	return slot != SLOT_DEVICE_POOL && slot != SLOT_VPN &&
	       (slot < SLOT_PLAIN_URL || slot >= SLOT_SECURE_URL);
}

/* Which slot an element belongs to; SLOT_COUNT: none. */
static size_t
slot_of(const xmlNode *root, const xmlNode *n)
{
	size_t slot = 0;

	if (n->type != XML_ELEMENT_NODE)
		return SLOT_COUNT;
	while (slot < SLOT_COUNT && !is_child(root, n, slot_name(slot)))
		slot++;
	return slot;
}

static struct editor
editor_open(xmlNode *root)
{
	struct editor ed = { .root = root };

	for (xmlNode *n = root->children, *next; n != NULL; n = next) {
		size_t slot = slot_of(root, n);

		next = n->next;
		if (slot == SLOT_COUNT)
			continue;
		if (ed.slot[slot] == NULL)
			ed.slot[slot] = n;
		else if (slot_is_single(slot))
			node_remove(n);
	}
	return ed;
}

static xmlNode *
slot_need(struct editor *ed, size_t slot)
{
	if (ed->slot[slot] == NULL)
		ed->slot[slot] = child_add(ed->root, slot_name(slot));
	return ed->slot[slot];
}

static void
slot_drop(struct editor *ed, size_t slot)
{
	if (ed->slot[slot] != NULL)
		node_remove(ed->slot[slot]);
	ed->slot[slot] = NULL;
}

/* --- lists --- */

/* Which of the entries an element stands for: what its priority says, else its place. */
static size_t
entry_of(const xmlNode *n, size_t place)
{
	xmlChar *text = xmlGetNoNsProp(n, (const xmlChar *)"priority");
	unsigned long priority = place;

	if (text != NULL && !text_number((const char *)text, 0, 255, &priority))
		priority = place;
	xmlFree(text);
	return priority;
}

/* Makes a list of exactly count elements of that name: entry[i] is the one for i, old or new. Those
 * that stand for no entry, or for one that has its element, go away. */
static void
list_fit(xmlNode *list, const char *name, bool priorities, size_t count, xmlNode **entry)
{
	size_t place = 0;

	memset(entry, 0, count * sizeof *entry);
	for (xmlNode *n = list->children, *next; n != NULL; n = next) {
		size_t i;

		next = n->next;
		if (!is_child(list, n, name))
			continue;
		i = priorities ? entry_of(n, place) : place;
		place++;
		if (i < count && entry[i] == NULL)
			entry[i] = n;
		else
			node_remove(n);
	}
	for (size_t i = 0; i < count; i++) {
		char text[NUMBER_MAX];

		if (entry[i] == NULL)
			entry[i] = child_add(list, name);
		snprintf(text, sizeof text, "%zu", i);
		if (priorities)
			xmlSetNsProp(
			    entry[i], NULL, (const xmlChar *)"priority", (const xmlChar *)text);
	}
}

static unsigned
port_or(uint16_t port, unsigned otherwise)
{
	return port != 0 ? port : otherwise;
}

static void
set_capf(struct editor *ed, const struct phonecfg_wish *w)
{
	xmlNode *entry[PHONECFG_CAPF_MAX];

	if (w->capf_count == 0) {
		slot_drop(ed, SLOT_CAPF_LIST);
		return;
	}
	list_fit(slot_need(ed, SLOT_CAPF_LIST), "capf", false, w->capf_count, entry);
	for (size_t i = 0; i < w->capf_count; i++) {
		number_set(child_need(entry[i], "phonePort"), port_or(w->capf[i].port, CAPF_PORT));
		phonecfg_edit_text(child_need(entry[i], "processNodeName"), w->capf[i].host);
	}
}

static void
set_tvs(struct editor *ed, const struct phonecfg_wish *w)
{
	xmlNode *entry[PHONECFG_TVS_READ];

	if (w->tvs_count == 0) {
		slot_drop(ed, SLOT_TVS);
		return;
	}
	list_fit(
	    child_need(slot_need(ed, SLOT_TVS), "members"), "member", true, w->tvs_count, entry);
	for (size_t i = 0; i < w->tvs_count; i++) {
		number_set(child_need(entry[i], "port"), port_or(w->tvs[i].port, TVS_PORT));
		phonecfg_edit_text(child_need(entry[i], "address"), w->tvs[i].host);
	}
}

static void
set_ports(xmlNode *manager, uint16_t sip)
{
	xmlNode *ports = child_find(manager, "ports");
	xmlNode *port;

	if (ports == NULL) {
		ports = child_add(manager, "ports");
		number_set(child_add(ports, "ethernetPhonePort"), SCCP_PORT);
		number_set(child_add(ports, "sipPort"), port_or(sip, SIP_PORT));
		number_set(child_add(ports, "securedSipPort"), SIP_SECURE_PORT);
		return;
	}
	port = child_find(ports, "sipPort");
	if (port == NULL)
		number_set(child_add(ports, "sipPort"), port_or(sip, SIP_PORT));
	else if (sip != 0)
		number_set(port, sip);
}

/* In devicePool; in XMLDefault.cnf.xml at the top. */
static void
set_managers(struct editor *ed, const struct phonecfg_wish *w)
{
	xmlNode *entry[PHONECFG_MANAGERS_MAX], *members;

	if (w->manager_count == 0)
		return;
	members = w->is_default ? ed->root : slot_need(ed, SLOT_DEVICE_POOL);
	members = child_need(child_need(members, "callManagerGroup"), "members");
	list_fit(members, "member", true, w->manager_count, entry);
	for (size_t i = 0; i < w->manager_count; i++) {
		xmlNode *manager = child_need(entry[i], "callManager");

		set_ports(manager, w->manager[i].port);
		phonecfg_edit_text(child_need(manager, "processNodeName"), w->manager[i].host);
	}
}

/* --- VPN --- */

static void
set_vpn(struct editor *ed, const struct phonecfg_wish *w)
{
	xmlNode *credentials, *n;
	char name[NUMBER_MAX];

	if (w->vpn_count == 0 || ed->slot[SLOT_VPN] == NULL)
		return;
	credentials = child_need(ed->slot[SLOT_VPN], "credentials");
	phonecfg_edit_text(child_need(credentials, "hashAlg"), VPN_HASH_SHA1);
	for (size_t i = 0; i < PHONECFG_VPN_MAX; i++) {
		snprintf(name, sizeof name, "certHash%zu", i + 1);
		if (i < w->vpn_count) {
			char *hash = base64_text(w->vpn_sha1[i]);

			phonecfg_edit_text(child_need(credentials, name), hash);
			free(hash);
		} else
			while ((n = child_find(credentials, name)) != NULL)
				node_remove(n);
	}
}

/* --- URLs --- */

/* What an element says without the spaces around it; "" when it is NULL. Owned by the caller. */
static char *
url_of(const xmlNode *n)
{
	xmlChar *whole = n != NULL ? xmlNodeGetContent(n) : NULL;
	const char *from = whole != NULL ? (const char *)whole : "";
	size_t length;
	char *url;

	from += strspn(from, SPACES);
	length = strlen(from);
	while (length > 0 && strchr(SPACES, from[length - 1]) != NULL)
		length--;
	url = mem_text(from, length);
	xmlFree(whole);
	return url;
}

/* The same place without TLS. The port goes with it, since it was that of TLS; what is no HTTPS
 * stays. */
static void
url_without_tls(char *url)
{
	size_t host = strlen(HTTPS), end, port, scheme = strlen(HTTP);

	if (strncasecmp(url, HTTPS, host) != 0)
		return;
	end = host + strcspn(url + host, "/?#");
	port = end;
	while (port > host && strchr("0123456789", url[port - 1]) != NULL)
		port--;
	/* Digits without a colon are the end of the host. */
	port = port > host && url[port - 1] == ':' ? port - 1 : end;
	memcpy(url, HTTP, scheme);
	memmove(url + scheme, url + host, port - host);
	memmove(url + scheme + port - host, url + end, strlen(url + end) + 1);
}

static void
set_url(struct editor *ed, const struct phonecfg_wish *w, size_t i)
{
	const char *wish = w->secure_url[i] != NULL ? w->secure_url[i] : "";
	size_t slot = SLOT_SECURE_URL + i;
	char *secure, *plain;

	if (wish[0] == '\0' && (!w->rollback || ed->slot[slot] == NULL))
		return;
	secure = wish[0] != '\0' ? mem_text(wish, strlen(wish)) : url_of(ed->slot[slot]);
	if (w->rollback && secure[0] != '\0') {
		plain = url_of(ed->slot[SLOT_PLAIN_URL + i]);
		if (plain[0] != '\0') {
			free(secure);
			secure = plain;
		} else
			free(plain);
		url_without_tls(secure);
	}
	phonecfg_edit_text(slot_need(ed, slot), secure);
	free(secure);
}

/* --- all of it --- */

static void
set_security(struct editor *ed, const struct phonecfg_wish *w)
{
	if (w->mode != PHONECFG_MODE_UNSET)
		number_set(slot_need(ed, SLOT_MODE), w->mode);
	for (size_t i = 0; i < PHONECFG_URLS; i++)
		set_url(ed, w, i);
	if (w->transport != 0)
		number_set(slot_need(ed, SLOT_TRANSPORT), w->transport);
	number_set(slot_need(ed, SLOT_CAPF_AUTH), w->capf_auth);
	set_capf(ed, w);
	phonecfg_edit_text(slot_need(ed, SLOT_CERT_HASH), w->cert_hash != NULL ? w->cert_hash : "");
	phonecfg_edit_text(slot_need(ed, SLOT_ENCRYPTED), w->encrypted ? "true" : "false");
}

xmlNode *
phonecfg_edit(xmlNode *root, const struct phonecfg_wish *w)
{
	struct editor ed = editor_open(root);
	xmlNode *version = NULL;

	if (!w->is_default)
		phonecfg_edit_text(slot_need(&ed, SLOT_FULL_CONFIG), "true");
	set_managers(&ed, w);
	set_tvs(&ed, w);
	if (!w->is_default) {
		version = slot_need(&ed, SLOT_VERSION);
		phonecfg_edit_text(version, PHONECFG_STAMP_HOLDER);
		set_security(&ed, w);
		set_vpn(&ed, w);
	}
	return version;
}
