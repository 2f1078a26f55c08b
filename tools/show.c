/*
 * What passes over a connection, as text.
 *
 * Which interface an end point speaks is learned from what passes: from `open` and its answer, and from
 * the fields of type link<I> in messages that could be decoded.  Both directions use the same table,
 * for a linkid says itself which side hosts the end point.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "live.h"
#include "show.h"

static const uint8_t control_schema[] = {
#include "tools/link_schema.h"
};

enum {
	LINKS_MAX = 65536,		/* end points that are remembered, of one connection */
	OPENS_MAX = 4096,
	HEX_ROW = 16,
	HELLO = 1,			/* commands of linkid 0 */
	WELCOME = 2,
	OPEN = 0x40
};

struct known {
	const struct lwl_schema *schema;
	const struct lwl_schema_interface *interface;	/* NULL: none of the schemas has it */
};

struct show_link {
	uint64_t slot;			/* its linkid without the generation */
	uint64_t id;
	struct known known;
	UT_hash_handle hh;
};

struct show_open {
	uint64_t key;			/* direction and msgid of the request */
	struct known known;
	UT_hash_handle hh;
};

bool show_init(struct show *show)
{
	return lwl_schema_load(&show->control, control_schema, sizeof control_schema, NULL) == 0;
}

void show_fini(struct show *show)
{
	lwl_schema_free(show->control);
}

/* ---- which interface ---- */

static uint64_t slot_of(uint64_t id)
{
	return id & 0x80000000ffffffff;
}

static bool includes(const struct lwl_schema_interface *all, const struct lwl_schema_interface *part)
{
	uint32_t i;

	for (i = 0; i < all->closure_count; i++)
		if (all->closure[i] == part)
			return true;
	return false;
}

static void learn(struct show_connection *c, uint64_t id, struct known known)
{
	uint64_t slot = slot_of(id);
	struct show_link *link;

	if (known.interface == NULL)
		return;
	HASH_FIND(hh, c->links, &slot, sizeof slot, link);
	if (link != NULL && link->id == id && !includes(known.interface, link->known.interface))
		return;
	if (link == NULL) {
		if (HASH_COUNT(c->links) == LINKS_MAX) {
			/* The first is the oldest. */
			link = c->links;
			HASH_DEL(c->links, link);
		} else {
			link = allocate(NULL, sizeof *link);
		}
		link->slot = slot;
		HASH_ADD(hh, c->links, slot, sizeof slot, link);
	}
	link->id = id;
	link->known = known;
}

static struct known find_link(const struct show_connection *c, uint64_t id)
{
	uint64_t slot = slot_of(id);
	struct show_link *link;

	HASH_FIND(hh, c->links, &slot, sizeof slot, link);
	return link != NULL && link->id == id ? link->known : (struct known){ NULL, NULL };
}

/* An interface by its full name, "lwlink.vfs.Node". */
static struct known find_interface(const struct show *show, const struct lwl_value *text)
{
	struct known known = { NULL, NULL };
	uint32_t i;
	size_t k;

	for (k = 0; k < show->schema_count && known.interface == NULL; k++) {
		known.schema = show->schemas[k];
		for (i = 0; i < known.schema->interface_count && known.interface == NULL; i++) {
			char *name = interface_full_name(&known.schema->interfaces[i]);

			if (strlen(name) == text->count && memcmp(name, text->data, text->count) == 0)
				known.interface = &known.schema->interfaces[i];
			free(name);
		}
	}
	return known;
}

static struct show_open *find_open(const struct show_connection *c, uint64_t key)
{
	struct show_open *open;

	HASH_FIND(hh, c->opens, &key, sizeof key, open);
	return open;
}

static void forget_open(struct show_connection *c, struct show_open *open)
{
	HASH_DEL(c->opens, open);
	free(open);
}

/* What is asked for, and, when the answer is there, what it is. */
static void learn_open(struct show_connection *c, bool to_dialler, const struct lwl_header *h,
		       const struct lwl_value *items, bool is_error)
{
	bool response = (h->command & LWL_RESPONSE) != 0;
	uint64_t key = (uint64_t)(to_dialler != response) << 32 | h->msgid;
	struct show_open *open = find_open(c, key);

	if (response) {
		if (open == NULL)
			return;
		if (!is_error)
			learn(c, items->items[0].bits, open->known);
		forget_open(c, open);
		return;
	}
	if (open == NULL) {
		if (HASH_COUNT(c->opens) == OPENS_MAX)
			forget_open(c, c->opens);
		open = allocate(NULL, sizeof *open);
		open->key = key;
		HASH_ADD(hh, c->opens, key, sizeof key, open);
	}
	open->known = find_interface(c->show, &items->items[1]);
}

/* The links in values, at any depth. */
static void learn_links(struct show_connection *c, const struct lwl_schema *schema,
			const struct lwl_schema_type *type, const struct lwl_value *value)
{
	struct known known = { schema, type->interface };
	uint32_t i;

	if (type->kind != LWL_TYPE_LINK && type->kind != LWL_TYPE_GROUP && type->kind != LWL_TYPE_UNION)
		return;
	if (value->kind == LWL_VALUE_BITS)
		learn(c, value->bits, known);
	for (i = 0; value->kind == LWL_VALUE_LIST && i < value->count; i++)
		learn_links(c, schema, type, &value->items[i]);
	for (i = 0; value->kind == LWL_VALUE_GROUP && i < value->count; i++)
		learn_links(c, schema, &type->group->fields[value->items[i].field].type,
			    &value->items[i]);
}

static void learn_message(struct show_connection *c, const struct lwl_schema *schema,
			  const struct lwl_schema_message *message, const struct lwl_value *items)
{
	uint32_t i;

	for (i = 0; i < items->count; i++)
		learn_links(c, schema, &message->items->fields[items->items[i].field].type,
			    &items->items[i]);
}

/* ---- connections ---- */

void show_connection_init(struct show_connection *c, const struct show *show, unsigned long number)
{
	memset(c, 0, sizeof *c);
	c->show = show;
	c->number = number;
}

void show_connection_fini(struct show_connection *c)
{
	struct show_link *link, *next_link;

	HASH_ITER(hh, c->links, link, next_link) {
		HASH_DEL(c->links, link);
		free(link);
	}
	while (c->opens != NULL)
		forget_open(c, c->opens);
}

/* ---- lines ---- */

static const char dim[] = "\033[2m", title[] = "\033[1m", damage[] = "\033[1;31m",
		  forth[] = "\033[36m", back[] = "\033[35m";

static void colour(const struct show *show, const char *code)
{
	if (show->coloured)
		fputs(code, stdout);
}

static void plain(const struct show *show)
{
	colour(show, "\033[0m");
}

void show_begin_line(const struct show *show, unsigned long number, uint64_t microseconds)
{
	colour(show, dim);
	printf("%3" PRIu64 ".%06" PRIu64, microseconds / 1000000, microseconds % 1000000);
	plain(show);
	printf(" [%lu] ", number);
}

static void print_direction(const struct show *show, bool to_dialler)
{
	colour(show, to_dialler ? back : forth);
	fputs(to_dialler ? "<-" : "->", stdout);
	plain(show);
}

static void print_damage(const struct show *show, const char *text)
{
	putchar(' ');
	colour(show, damage);
	fputs(text, stdout);
	plain(show);
}

/* A session's id is a secret: these carry one. */
static bool is_secret(const struct lwl_header *h)
{
	return h->command == HELLO || h->command == WELCOME;
}

static void print_hex(const uint8_t *msg, uint32_t size, const struct lwl_header *h,
		      bool well_formed)
{
	struct lwl_item secret;
	uint32_t i, from = 0, to = 0;

	/* Where it is can be found if all is well; else nothing is shown. */
	if (is_secret(h) && !well_formed)
		size = LWL_HEADER_SIZE;
	else if (is_secret(h) && lwl_message_find(&secret, msg, h->command == HELLO ? 6 : 7)) {
		from = secret.offset + 4;
		to = secret.offset + secret.length;
	}
	for (i = 0; i < size; i++) {
		if (i % HEX_ROW == 0)
			printf("%6" PRIu32 " ", i);
		if (i >= from && i < to)
			fputs(" **", stdout);
		else
			printf(" %02x", msg[i]);
		if (i % HEX_ROW == HEX_ROW - 1 || i + 1 == size)
			putchar('\n');
	}
}

/* hello and welcome: all but the session's id. */
static void print_secret(const struct lwl_schema_message *message, struct lwl_value *items)
{
	const struct lwl_schema_field *fields = message->items->fields;
	struct lwl_value *kept = allocate(NULL, (items->count + 1) * sizeof *kept);
	struct lwl_value rest = *items;
	uint32_t i;

	rest.count = 0;
	rest.items = kept;
	for (i = 0; i < items->count; i++)
		if (strcmp(fields[items->items[i].field].name, "session") != 0)
			kept[rest.count++] = items->items[i];
	fputs(rest.count < items->count ? " {\"session\":\"(secret)\"" : " {", stdout);
	print_items(stdout, fields, message->items->field_count, &rest, rest.count < items->count, -1);
	putchar('}');
	free(kept);
}

/* What travels with a message. */
static void print_extras(const uint8_t *msg)
{
	const uint8_t *trace = lwl_message_trace(msg);
	uint64_t deadline;
	unsigned i;

	if (lwl_message_deadline(&deadline, msg))
		printf(" deadline=%" PRIu64 "us", deadline);
	if (trace == NULL)
		return;
	fputs(" trace=", stdout);
	for (i = 0; i < 16; i++)
		printf("%02x", trace[i]);
}

/* ---- messages ---- */

static void print_error(const struct show *show, uint32_t code, struct lwl_string detail)
{
	char text[600];

	error_text(text, sizeof text, code, detail);
	make_printable(text);
	print_damage(show, text);
}

/* A message whose type is known.  Returns whether it was valid. */
static bool show_decoded(struct show_connection *c, bool to_dialler, const struct lwl_header *h,
			 const struct lwl_schema *schema, const struct lwl_schema_message *message,
			 const uint8_t *msg, uint32_t size)
{
	const struct show *show = c->show;
	uint32_t code = lwl_value_error_code(msg, size);
	struct lwl_arena arena;
	struct lwl_value items;
	struct lwl_error err;
	char text[400];
	int status;

	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	status = lwl_value_decode(message, msg, size, &arena, &items, &err);
	putchar(' ');
	colour(show, title);
	fputs(message->name, stdout);
	plain(show);
	if (err.bad != LWL_BAD_NONE) {
		lwl_error_format(text, sizeof text, &err);
		print_damage(show, text);
	} else if (code != 0 && message->kind == LWL_KIND_RESPONSE) {
		print_error(show, code, err.detail);
	} else if (status != 0) {
		print_damage(show, "needs too much memory");
	} else if (schema == show->control && is_secret(h)) {
		print_secret(message, &items);
	} else {
		putchar(' ');
		print_values(message, &items, false);
	}
	if (err.bad == LWL_BAD_NONE && (status == 0 || code != 0)) {
		if (schema == show->control && (h->command & 0xff) == OPEN)
			learn_open(c, to_dialler, h, &items, code != 0);
		else if (code == 0)
			learn_message(c, schema, message, &items);
	}
	lwl_arena_free(&arena);
	return err.bad == LWL_BAD_NONE;
}

/* A whole message. */
static void show_message(struct show_connection *c, bool to_dialler, const struct lwl_header *h,
			 const uint8_t *msg, uint32_t size)
{
	const struct show *show = c->show;
	const struct lwl_schema_message *message = NULL;
	struct known known = find_link(c, h->linkid);
	struct lwl_error err;
	char text[400];
	bool well_formed = lwl_message_check(msg, size, &err) == 0, explained = false;

	if (h->linkid == 0) {
		known.schema = show->control;
		known.interface = &show->control->interfaces[0];
	}
	printf(" 0x%" PRIx64, h->linkid);
	if (h->msgid != 0)
		printf(" #%" PRIu32, h->msgid);
	if (well_formed && known.interface != NULL)
		message = lwl_schema_next(known.schema, known.interface, h->command, NULL);
	if (message != NULL)
		explained = show_decoded(c, to_dialler, h, known.schema, message, msg, size);
	else
		printf(" command 0x%04x, %" PRIu32 " bytes", (unsigned)h->command, size);
	if (well_formed) {
		print_extras(msg);
	} else {
		lwl_error_format(text, sizeof text, &err);
		print_damage(show, text);
	}
	putchar('\n');
	if (show->hex)
		print_hex(msg, size, h, well_formed);
	else if (!explained && !is_secret(h))
		dump_beginning(msg, size, show->coloured);
}

static void take_message(struct show_connection *c, bool to_dialler, uint64_t microseconds)
{
	struct show_flow *flow = &c->flows[to_dialler];
	struct lwl_header h;

	lwl_header_load(&h, flow->msg);
	show_begin_line(c->show, c->number, microseconds);
	print_direction(c->show, to_dialler);
	if (h.length < LWL_HEADER_SIZE) {
		printf(" command 0x%04x", (unsigned)h.command);
		print_damage(c->show, "its length is below 16, so where the next message starts "
			     "cannot be known");
		putchar('\n');
		flow->lost = true;
	} else if (h.command == 0) {
		printf(" PAD, %" PRIu32 " bytes\n", lwl_padded(h.length));
	} else {
		show_message(c, to_dialler, &h, flow->msg, lwl_padded(h.length));
	}
	flow->have = 0;
}

void show_bytes(struct show_connection *c, bool to_dialler, const uint8_t *bytes, size_t size,
		uint64_t microseconds)
{
	struct show_flow *flow = &c->flows[to_dialler];

	while (size > 0 && !flow->lost) {
		uint16_t length = flow->have < LWL_HEADER_SIZE ? 0 : lwl_load16(flow->msg + 14);
		uint32_t wanted = length < LWL_HEADER_SIZE ? LWL_HEADER_SIZE : lwl_padded(length);
		uint32_t part = wanted - flow->have < size ? wanted - flow->have : (uint32_t)size;

		memcpy(flow->msg + flow->have, bytes, part);
		flow->have += part;
		bytes += part;
		size -= part;
		if (flow->have < LWL_HEADER_SIZE)
			continue;
		length = lwl_load16(flow->msg + 14);
		if (flow->have >= (length < LWL_HEADER_SIZE ? LWL_HEADER_SIZE : lwl_padded(length)))
			take_message(c, to_dialler, microseconds);
	}
}

void show_end(struct show_connection *c, bool to_dialler, uint64_t microseconds)
{
	const struct show_flow *flow = &c->flows[to_dialler];

	show_begin_line(c->show, c->number, microseconds);
	print_direction(c->show, to_dialler);
	fputs(" ends", stdout);
	if (flow->have > 0)
		print_damage(c->show, "inside a message");
	putchar('\n');
}
