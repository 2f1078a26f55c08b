/*
 * usage: cross [-s SEED] [-n ROUNDS] [-I DIR]... [-m SCHEMA.lwl]... SCHEMA.lwl...
 *
 * The table-driven codec and the generated one must agree on every message: on values (both write the
 * same bytes of what they have read), and on the code, the offset and the path of what is wrong.  For
 * each message of each schema: random values, cut off at every byte, and changed in many ways; of
 * responses errors, too.  And binary schemas, changed at random, must do no harm; of a schema given with
 * -m only these are tried, and that they say what the compiler's model does.
 */
#include <ctype.h>
#include <unistd.h>

#include "test.h"

enum { INCLUDES_MAX = 8, MODELS_MAX = 8, CUTS_MAX = 200 };

uint32_t failed;
const struct subject *subject_at_hand;
const struct lwl_schema_message *message_at_hand;

static uint32_t passed, rounds = 200;
static uint32_t seen[LWL_BAD_END_OF_LIST];	/* how often each mistake was found */

bool check(bool ok, const char *what)
{
	if (ok)
		return true;
	failed++;
	fprintf(stderr, "failed: %s: %s: %s\n", subject_at_hand->path,
		message_at_hand != NULL ? message_at_hand->name : "the schema", what);
	if (failed >= 20) {
		printf("%u passed, %u failed\n", (unsigned)passed, (unsigned)failed);
		exit(1);
	}
	return false;
}

/* ---- which generated functions are a message's ---- */

/* The next letter or digit of a name, in lower case; '\0' at its end. */
static char next_letter(const char **name)
{
	while (**name != '\0' && !isalnum((unsigned char)**name))
		++*name;
	return **name != '\0' ? (char)tolower((unsigned char)*(*name)++) : '\0';
}

/* "vfs.Node.lookup.request" is "vfs_node_lookup_req". */
static bool is_named(const struct generated *g, const struct lwl_schema_message *m)
{
	static const char *const suffixes[] = { "_req", "_rsp", "_msg" };
	size_t length = strlen(g->name), suffix = strlen(suffixes[m->kind]);
	const char *a = g->name, *b = m->name, *dot = strrchr(m->name, '.');
	char name[1024];

	if (length <= suffix || strcmp(g->name + length - suffix, suffixes[m->kind]) != 0)
		return false;
	snprintf(name, sizeof name, "%.*s%s", (int)(dot - m->name), m->name, suffixes[m->kind]);
	for (b = name;;) {
		char x = next_letter(&a), y = next_letter(&b);

		if (x != y)
			return false;
		if (x == '\0')
			return true;
	}
}

static const struct generated *generated_of(const struct lwl_schema_message *m)
{
	size_t i;

	for (i = 0; i < generated_count; i++)
		if (is_named(&generated[i], m))
			return &generated[i];
	return NULL;
}

/* ---- one message of bytes ---- */

/* In exactly as much memory as it has, so that a sanitizer sees each byte too far. */
struct exact {
	uint8_t *bytes;
	size_t len;
};

static struct exact exactly(const uint8_t *msg, size_t len)
{
	struct exact e = { malloc(len > 0 ? len : 1), len };

	if (e.bytes == NULL)
		exit(2);
	memcpy(e.bytes, msg, len);
	return e;
}

static void print_mistake(const char *who, int status, const struct lwl_error *err)
{
	char text[300];

	lwl_error_format(text, sizeof text, err);
	fprintf(stderr, "  %s: %d, %s\n", who, status, text);
}

static bool same_error(const struct lwl_error *a, const struct lwl_error *b)
{
	return a->bad == b->bad && a->detail.len == b->detail.len && a->detail.data == b->detail.data &&
	       (a->bad == LWL_BAD_NONE ||
		(a->offset == b->offset && a->depth == b->depth &&
		 memcmp(a->path, b->path, a->depth * sizeof a->path[0]) == 0));
}

/* A list that is empty is absent. */
static bool has_empty_list(const struct lwl_value *v)
{
	uint32_t i;

	if (v->kind == LWL_VALUE_LIST && v->count == 0)
		return true;
	if (v->kind == LWL_VALUE_LIST || v->kind == LWL_VALUE_GROUP)
		for (i = 0; i < v->count; i++)
			if (has_empty_list(&v->items[i]))
				return true;
	return false;
}

static void check_written(const struct generated *g, const void *generated_value,
			  const struct lwl_value *value, const uint8_t *msg)
{
	static uint8_t a[MESSAGE_BYTES], b[MESSAGE_BYTES];
	struct lwl_writer wa, wb;
	struct lwl_header h;
	int sa, sb;

	lwl_header_load(&h, msg);
	lwl_writer_init(&wa, a, sizeof a, h.linkid, h.msgid);
	lwl_writer_init(&wb, b, sizeof b, h.linkid, h.msgid);
	sa = g->encode(&wa, generated_value);
	sb = lwl_value_encode(&wb, message_at_hand, value, NULL);
	check(sa == sb, "what encoding what was decoded returns");
	check(lwl_writer_size(&wa) == lwl_writer_size(&wb) && (sa != 0 || sb != 0 ||
	      memcmp(a, b, lwl_writer_size(&wa)) == 0), "the bytes of what was decoded");
}

/* Both decoders on these bytes. */
static void compare(const struct generated *g, const uint8_t *msg, size_t len)
{
	struct exact e = exactly(msg, len);
	struct lwl_error ea, eb;
	struct lwl_arena arena;
	struct lwl_value value;
	void *out = calloc(1, g->size);
	int sa, sb;

	if (out == NULL)
		exit(2);
	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	memset(&ea, 0x55, sizeof ea);
	memset(&eb, 0xaa, sizeof eb);
	sa = g->decode(out, e.bytes, e.len, &ea);
	sb = lwl_value_decode(message_at_hand, e.bytes, e.len, &arena, &value, &eb);
	if (!check(sa == sb, "what decoding returns") || !check(same_error(&ea, &eb), "the mistake")) {
		print_mistake("generated", sa, &ea);
		print_mistake("tables", sb, &eb);
	} else {
		seen[ea.bad]++;
		if (sa == 0) {
			check(!has_empty_list(&value), "no empty lists");
			check_written(g, out, &value, e.bytes);
		}
		check(lwl_value_decode(message_at_hand, e.bytes, e.len, &arena, &value, NULL) == sb,
		      "decoding without a place for the error");
	}
	if (sb < 0 && eb.bad == LWL_BAD_NONE)
		check(lwl_value_error_code(e.bytes, e.len) == (uint32_t)-sb || sb == -LWL_EIO,
		      "the code of an error response");
	lwl_arena_free(&arena);
	free(out);
	free(e.bytes);
}

/* ---- one message of a schema ---- */

static void check_cuts(const struct generated *g, uint8_t *msg, size_t len)
{
	size_t step = len / CUTS_MAX + 1, at;

	for (at = random_below((uint32_t)step); at < len; at += step) {
		compare(g, msg, at);
		if (at >= LWL_HEADER_SIZE) {
			uint8_t *cut = malloc(len);
			size_t padded = lwl_padded((uint32_t)at);

			if (cut == NULL)
				exit(2);
			memcpy(cut, msg, len);
			memset(cut + at, 0, len - at);
			lwl_store16(cut + 14, (uint16_t)at);
			compare(g, cut, padded <= len ? padded : len);
			free(cut);
		}
	}
}

static void check_changes(const struct generated *g, const uint8_t *msg, size_t len, uint32_t count)
{
	static uint8_t changed[MESSAGE_BYTES + 16];

	for (; count > 0; count--) {
		size_t changed_len = len;

		memcpy(changed, msg, len);
		mutate(changed, &changed_len);
		compare(g, changed, changed_len);
	}
}

/* Returns whether the value fitted. */
static bool check_value(const struct generated *g, uint8_t *msg)
{
	struct lwl_arena arena;
	struct lwl_value value;
	struct lwl_value_error err;
	struct lwl_writer w;
	uint8_t *room = malloc(message_at_hand->room);
	size_t len;
	int status;

	if (room == NULL)
		exit(2);
	lwl_arena_init(&arena, SIZE_MAX);
	value = random_message(&arena, message_at_hand);
	lwl_writer_init(&w, room, message_at_hand->room, random_bits(),
			message_at_hand->kind == LWL_KIND_ONEWAY ? 0 : 1 + random_below(1000));
	status = lwl_value_encode(&w, message_at_hand, &value, &err);
	len = lwl_writer_size(&w);
	/* Only the bound in bytes of a list is not kept by what makes values. */
	check(status == 0 || (status == -LWL_EINVAL && err.why != NULL &&
			      strcmp(err.why, "takes more bytes than its bound") == 0) ||
	      status == -LWL_ENOBUFS || status == -LWL_ETOOLARGE, "encoding a valid value");
	if (status == 0) {
		memcpy(msg, room, len);
		compare(g, msg, len);
		if (len < 3000 || random_chance(3))
			check_cuts(g, msg, len);
		check_changes(g, msg, len, len < 3000 ? 40 : 4);
	}
	lwl_arena_free(&arena);
	free(room);
	return status == 0;
}

static void check_error_response(const struct generated *g, uint8_t *msg)
{
	static const int codes[] = { 1, 2, LWL_EIO, 133, 134, 200, 4095, 4096, 4098, 5000, INT32_MAX };
	struct lwl_writer w;
	size_t len;

	lwl_writer_init(&w, msg, MESSAGE_BYTES, random_bits(), 7);
	lwl_error_encode(&w, (uint16_t)(message_at_hand->header & ~LWL_RESPONSE),
			 codes[random_below(11)], random_chance(50) ? "no such entry" : NULL);
	len = lwl_writer_size(&w);
	compare(g, msg, len);
	check_cuts(g, msg, len);
	check_changes(g, msg, len, 20);
}

static void check_message(const struct lwl_schema_message *m)
{
	static uint8_t msg[MESSAGE_BYTES];
	const struct generated *g = generated_of(m);
	uint32_t before = failed, fitted = 0, i;

	message_at_hand = m;
	if (!check(g != NULL, "there is generated code for it"))
		return;
	for (i = 0; i < rounds; i++) {
		fitted += check_value(g, msg);
		if (m->kind == LWL_KIND_RESPONSE && i % 8 == 0)
			check_error_response(g, msg);
	}
	check(fitted > rounds / 4, "a fair part of the random values fits");
	passed += failed == before;
	message_at_hand = NULL;
}

/* ---- hostile schemas ---- */

/* Load a changed binary schema and, if it is taken, decode with it. */
static bool try_schema(const uint8_t *bytes, size_t size)
{
	static uint8_t msg[MESSAGE_BYTES];
	struct exact e = exactly(bytes, size);
	struct lwl_schema_error err;
	struct lwl_schema *schema;
	struct lwl_arena arena;
	int status = lwl_schema_load(&schema, e.bytes, e.len, &err);
	uint32_t i;

	check((status == 0) == (schema != NULL), "a schema without an error");
	check(status == 0 || err.text[0] != '\0', "an error with its reason");
	free(e.bytes);
	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	for (i = 0; schema != NULL && i < schema->message_count; i++) {
		struct lwl_value value = random_message(&arena, &schema->messages[i]);
		struct lwl_writer w;

		lwl_writer_init(&w, msg, sizeof msg, 0, schema->messages[i].kind != LWL_KIND_ONEWAY);
		if (lwl_value_encode(&w, &schema->messages[i], &value, NULL) == 0)
			check(lwl_value_decode(&schema->messages[i], msg, lwl_writer_size(&w), &arena,
					       &value, NULL) == 0, "decoding what was encoded");
		lwl_arena_free(&arena);
	}
	lwl_schema_free(schema);
	return status == 0;
}

/* One record of the schema changed, removed, doubled, or moved; or the bytes cut off. */
static void check_hostile(const struct subject *s)
{
	const uint8_t *bytes = (const uint8_t *)s->bytes.text;
	uint8_t *changed = malloc(s->bytes.length + 2 * MESSAGE_BYTES), *record = malloc(MESSAGE_BYTES + 16);
	uint32_t i, taken = 0, before = failed;

	if (changed == NULL || record == NULL)
		exit(2);
	for (i = 0; i < 2 * rounds; i++) {
		size_t at = 0, len, target = random_below((uint32_t)s->bytes.length), size, new_len;

		while (at + (len = lwl_padded(lwl_load16(bytes + at + 14))) <= target)
			at += len;
		memcpy(record, bytes + at, len);
		new_len = len;
		if (random_chance(85))
			mutate(record, &new_len);
		else if (random_chance(50))
			new_len = 0;
		memcpy(changed, bytes, at);
		memcpy(changed + at, record, new_len);
		size = at + new_len;
		if (random_chance(5)) {
			memcpy(changed + size, record, new_len);
			size += new_len;
		}
		memcpy(changed + size, bytes + at + len, s->bytes.length - at - len);
		size += s->bytes.length - at - len;
		if (random_chance(5))
			size = random_below((uint32_t)size);
		taken += try_schema(changed, size);
	}
	check(taken > 0 && taken < 2 * rounds, "some changed schemas are taken, others are not");
	free(changed);
	free(record);
	passed += failed == before;
}

/* ---- all ---- */

static bool load_subject(struct subject *s, const char *path, const char *const *include, size_t count)
{
	struct lwl_schema_error err;

	memset(s, 0, sizeof *s);
	s->path = path;
	subject_at_hand = s;
	s->idl = idl_load(path, include, count);
	if (s->idl->model == NULL) {
		diag_print(s->idl->diagnostics, stderr, DIAG_TEXT);
		return check(false, "it compiles");
	}
	if (!check(schema_emit(s->idl->model, &s->bytes), "it becomes a binary schema"))
		return false;
	if (lwl_schema_load(&s->schema, s->bytes.text, s->bytes.length, &err) != 0) {
		fprintf(stderr, "  %s\n", err.text);
		return check(false, "its binary schema can be loaded");
	}
	return true;
}

static void check_subject(const char *path, bool messages, const char *const *include,
			  size_t include_count)
{
	struct subject s;
	uint32_t before = failed, i;

	if (load_subject(&s, path, include, include_count)) {
		check_model(&s);
		check_records(&s);
		passed += failed == before;
		for (i = 0; messages && i < s.schema->message_count; i++)
			if (s.schema->messages[i].items->library == s.schema->library)
				check_message(&s.schema->messages[i]);
		check_hostile(&s);
	}
	lwl_schema_free(s.schema);
	output_free(&s.bytes);
	idl_free(s.idl);
}

int main(int argc, char **argv)
{
	const char *include[INCLUDES_MAX], *models[MODELS_MAX];
	size_t include_count = 0, model_count = 0, i;
	uint64_t seed = 1;
	int option, bad;

	while ((option = getopt(argc, argv, "s:n:I:m:")) != -1) {
		if (option == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			rounds = (uint32_t)strtoul(optarg, NULL, 10);
		else if (option == 'I' && include_count < INCLUDES_MAX)
			include[include_count++] = optarg;
		else if (option == 'm' && model_count < MODELS_MAX)
			models[model_count++] = optarg;
		else
			return 2;
	}
	random_seed(seed);
	for (i = 0; i < model_count; i++)
		check_subject(models[i], false, include, include_count);
	for (; optind < argc; optind++)
		check_subject(argv[optind], true, include, include_count);
	/* Were there messages with each mistake? */
	subject_at_hand = &(struct subject){ .path = "all schemas" };
	for (bad = 0; bad < LWL_BAD_END_OF_LIST; bad++) {
		printf("%-12s %u\n", lwl_bad_name((enum lwl_bad)bad), (unsigned)seen[bad]);
		passed += check(seen[bad] > 0, lwl_bad_name((enum lwl_bad)bad));
	}
	printf("%u passed, %u failed\n", (unsigned)passed, (unsigned)failed);
	return failed > 0;
}
