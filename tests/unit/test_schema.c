/*
 * Binary schemas that are right and many that are wrong, and values by their tables.  The schemas are
 * written here record by record; those that the compiler writes are the matter of tests/schema.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lwlink/schema.h>

/* Numbers of schemas/schema.lwl. */
enum { LIBRARY = 1, CONSTANT, ENUMERATION, STRUCTURE, GROUP, IFACE, NOTE, END };
enum { NAMED, UNION, MESSAGE };
enum { ANY = -1 };

/* ---- writing schemas ---- */

static struct {
	uint8_t *bytes;
	size_t size, room;
	uint32_t counts[END];		/* of the records, for the end */
	uint8_t hole;			/* what goes into the hole of a type */
	struct lwl_writer w;
} made;

static int set_up(void **state)
{
	(void)state;
	memset(&made, 0, sizeof made);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(made.bytes);
	return 0;
}

static void begin(unsigned record)
{
	if (made.room - made.size < LWL_MESSAGE_MAX + 1) {
		made.room = made.room * 2 + LWL_MESSAGE_MAX + 1;
		made.bytes = realloc(made.bytes, made.room);
		assert_non_null(made.bytes);
	}
	lwl_writer_init(&made.w, made.bytes + made.size, LWL_MESSAGE_MAX + 1, 0, 0);
	lwl_writer_begin(&made.w, (uint16_t)(0x7000 | record), LWL_KIND_ONEWAY);
	if (record <= IFACE)
		made.counts[record]++;
}

static void finish(void)
{
	assert_int_equal(lwl_writer_finish(&made.w), 0);
	made.size += lwl_writer_size(&made.w);
}

static void put_text(uint16_t number, const char *text)
{
	lwl_put_string(&made.w, number, 0, LWL_MESSAGE_MAX, lwl_string_of(text));
}

static void library(const char *name)
{
	begin(LIBRARY);
	lwl_put_u32(&made.w, 1, 1);
	put_text(2, name);
	lwl_put_u32(&made.w, 3, 3);
	finish();
}

struct type {
	unsigned kind, shape, min, max, list_bytes;
	int index;
};

struct field {
	const char *name;
	struct type type;
	unsigned number, presence;
	uint64_t value;
	unsigned since;
};

static void put_field(uint16_t number, const struct field *f)
{
	struct lwl_group group;
	uint8_t *p;

	lwl_begin_group(&made.w, number, &group);
	put_text(1, f->name);
	p = lwl_put_leaf(&made.w, 2, 20, 4);
	assert_non_null(p);
	memset(p, 0, 20);
	p[0] = (uint8_t)f->type.kind;
	p[1] = (uint8_t)f->type.shape;
	p[3] = made.hole;
	lwl_store32(p + 4, f->type.min);
	lwl_store32(p + 8, f->type.max);
	lwl_store32(p + 12, f->type.list_bytes);
	lwl_store32(p + 16, (uint32_t)f->type.index);
	lwl_put_u16(&made.w, 3, (uint16_t)f->number);
	lwl_put_u8(&made.w, 4, (uint8_t)f->presence);
	lwl_put_u64(&made.w, 5, f->value);
	lwl_put_u32(&made.w, 6, f->since);
	lwl_end_group(&made.w, &group);
}

static void put_fields(uint16_t number, const struct field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		put_field(number, &fields[i]);
}

static void structure(const char *name, const struct field *fields, size_t count)
{
	begin(STRUCTURE);
	put_text(1, name);
	put_fields(2, fields, count);
	finish();
}

/* `name` NULL: a union or the items of a message. */
static void group(const char *name, unsigned form, const struct field *fields, size_t count)
{
	begin(GROUP);
	if (name != NULL)
		put_text(1, name);
	lwl_put_u8(&made.w, 2, (uint8_t)form);
	put_fields(3, fields, count);
	finish();
}

struct member {
	const char *name;
	uint64_t value;
};

static void put_member(const struct member *m)
{
	struct lwl_group item;

	lwl_begin_group(&made.w, 4, &item);
	put_text(1, m->name);
	lwl_put_u64(&made.w, 2, m->value);
	lwl_end_group(&made.w, &item);
}

static void enumeration(const char *name, unsigned underlying, unsigned traits,
			const struct member *members, size_t count)
{
	size_t i;

	begin(ENUMERATION);
	put_text(1, name);
	lwl_put_u8(&made.w, 2, (uint8_t)underlying);
	lwl_put_u8(&made.w, 3, (uint8_t)traits);
	for (i = 0; i < count; i++)
		put_member(&members[i]);
	finish();
}

struct command {
	const char *name;
	unsigned number, traits;
	uint32_t request;
	int response;			/* ANY: absent */
};

static void interface(const char *name, unsigned id, const uint32_t *uses, size_t use_count,
		      const struct command *commands, size_t count)
{
	size_t i;

	begin(IFACE);
	put_text(1, name);
	lwl_put_u8(&made.w, 2, (uint8_t)id);
	lwl_put_packed(&made.w, 3, 4, 0, 127, lwl_seq_of(uses, use_count));
	for (i = 0; i < count; i++) {
		struct lwl_group item;

		lwl_begin_group(&made.w, 4, &item);
		put_text(1, commands[i].name);
		lwl_put_u8(&made.w, 2, (uint8_t)commands[i].number);
		lwl_put_u8(&made.w, 3, (uint8_t)commands[i].traits);
		lwl_put_u32(&made.w, 4, commands[i].request);
		if (commands[i].response != ANY)
			lwl_put_u32(&made.w, 5, (uint32_t)commands[i].response);
		lwl_end_group(&made.w, &item);
	}
	finish();
}

/* member ANY: about the whole */
static void note(unsigned kind, int member, const char *text)
{
	begin(NOTE);
	lwl_put_u8(&made.w, 1, (uint8_t)kind);
	if (member != ANY)
		lwl_put_u32(&made.w, 2, (uint32_t)member);
	put_text(3, text);
	finish();
}

static void end(void)
{
	uint8_t *p;
	unsigned i;

	begin(END);
	p = lwl_put_leaf(&made.w, 1, 24, 4);
	assert_non_null(p);
	for (i = LIBRARY; i <= IFACE; i++)
		lwl_store32(p + 4 * (i - LIBRARY), made.counts[i]);
	finish();
}

#define ARRAY(...) (__VA_ARGS__), sizeof(__VA_ARGS__) / sizeof((__VA_ARGS__)[0])
#define FIELDS(...) ARRAY((const struct field[]){ __VA_ARGS__ })
#define MEMBERS(...) ARRAY((const struct member[]){ __VA_ARGS__ })
#define COMMANDS(...) ARRAY((const struct command[]){ __VA_ARGS__ })
#define NO_USES NULL, 0

#define U8 { .kind = LWL_TYPE_U8 }
#define U32 { .kind = LWL_TYPE_U32 }

/*
 * library test.t version 3;
 * enum Colour : s16 { RED = -1; BLUE = 2; }
 * flags Mode : u8 { READ = 0; WRITE = 7; }
 * struct Inner { u8 tag; u32 size; }
 * struct Outer { bool open; Inner[2] inner; Colour colour; }
 * group Tree { 1: string<2..8> name; 2: Tree? next; 3: Tree[..3 in 96] below;
 *	5: union { 1: u8 small; 3: bytes<4> raw; }? choice; }
 * interface Base id 2 { oneway tell = 9 { } }
 * interface Store id 1 { use Base; command put = 1 replay safe {
 *	request { 1: u32 id; 2: Outer outer; 3: Tree tree; 4: Mode mode = WRITE; 6: link<Store>? peer;
 *		7: link[..3] peers; 9: s8[..4] steps; 10: Colour[2]? pair; }
 *	response { } } }
 */
static void write_good(void)
{
	library("test.t");
	note(0, ANY, "For ");
	note(0, ANY, "tests.");
	begin(CONSTANT);
	put_text(1, "LIMIT");
	lwl_put_u8(&made.w, 2, LWL_TYPE_S8);
	lwl_put_u64(&made.w, 3, UINT64_MAX);
	finish();
	enumeration("Colour", LWL_TYPE_S16, 0, MEMBERS({ "RED", UINT64_MAX }, { "BLUE", 2 }));
	note(1, 1, "faded");
	enumeration("Mode", LWL_TYPE_U8, 1, MEMBERS({ "READ", 0 }, { "WRITE", 7 }));
	structure("Inner", FIELDS({ "tag", U8, 0, 0, 0, 0 }, { "size", U32, 0, 0, 0, 2 }));
	structure("Outer", FIELDS({ "open", { .kind = LWL_TYPE_BOOL }, 0, 0, 0, 0 },
				  { "inner", { LWL_TYPE_STRUCT, LWL_SHAPE_ARRAY, 2, 2, 0, 0 }, 0, 0, 0, 0 },
				  { "colour", { .kind = LWL_TYPE_ENUM }, 0, 0, 0, 0 }));
	group("Tree", NAMED, FIELDS(
		{ "name", { LWL_TYPE_STRING, 0, 2, 8, 0, 0 }, 1, 0, 0, 0 },
		{ "next", { .kind = LWL_TYPE_GROUP }, 2, LWL_PRESENCE_OPTIONAL, 0, 0 },
		{ "below", { LWL_TYPE_GROUP, LWL_SHAPE_LIST, 0, 3, 96, 0 }, 3, LWL_PRESENCE_LIST, 0, 0 },
		{ "choice", { .kind = LWL_TYPE_UNION, .index = 1 }, 5, LWL_PRESENCE_OPTIONAL, 0, 0 }));
	group(NULL, UNION, FIELDS({ "small", U8, 1, 0, 0, 0 },
				  { "raw", { LWL_TYPE_BYTES, 0, 0, 4, 0, 0 }, 3, 0, 0, 0 }));
	group(NULL, MESSAGE, FIELDS(
		{ "id", U32, 1, 0, 0, 0 },
		{ "outer", { .kind = LWL_TYPE_STRUCT, .index = 1 }, 2, 0, 0, 0 },
		{ "tree", { .kind = LWL_TYPE_GROUP }, 3, 0, 0, 0 },
		{ "mode", { .kind = LWL_TYPE_FLAGS, .index = 1 }, 4, LWL_PRESENCE_DEFAULT, 0x80, 0 },
		{ "peer", { .kind = LWL_TYPE_LINK, .index = 1 }, 6, LWL_PRESENCE_OPTIONAL, 0, 0 },
		{ "peers", { LWL_TYPE_LINK, LWL_SHAPE_LIST, 0, 3, 0, ANY }, 7, LWL_PRESENCE_LIST, 0, 0 },
		{ "steps", { LWL_TYPE_S8, LWL_SHAPE_LIST, 0, 4, 0, 0 }, 9, LWL_PRESENCE_LIST, 0, 0 },
		{ "pair", { LWL_TYPE_ENUM, LWL_SHAPE_ARRAY, 2, 2, 0, 0 }, 10, LWL_PRESENCE_OPTIONAL, 0,
		  0 }));
	group(NULL, MESSAGE, NULL, 0);
	interface("Base", 2, NO_USES, COMMANDS({ "tell", 9, 1, 3, ANY }));
	interface("Store", 1, ARRAY((const uint32_t[]){ 0 }), COMMANDS({ "put", 1, 2, 2, 3 }));
	end();
}

/* ---- loading ---- */

static struct lwl_schema *load_good(void)
{
	struct lwl_schema_error err;
	struct lwl_schema *schema;

	write_good();
	if (lwl_schema_load(&schema, made.bytes, made.size, &err) != 0)
		fail_msg("%s", err.text);
	return schema;
}

/* Loading what was written gives `status`, and a reason that has `why` in it. */
static void assert_load(int status, const char *why)
{
	uint8_t *exact = malloc(made.size + 1);
	struct lwl_schema_error err;
	struct lwl_schema *schema;

	assert_non_null(exact);
	if (made.size > 0)
		memcpy(exact, made.bytes, made.size);
	assert_int_equal(lwl_schema_load(&schema, exact, made.size, NULL), status);
	lwl_schema_free(schema);
	assert_int_equal(lwl_schema_load(&schema, exact, made.size, &err), status);
	assert_true((schema == NULL) == (status != 0));
	if (why != NULL && strstr(err.text, why) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", why, err.text);
	lwl_schema_free(schema);
	free(exact);
	made.size = 0;
	memset(made.counts, 0, sizeof made.counts);
}

static void refused(const char *why)
{
	end();
	assert_load(-LWL_EMALFORMED, why);
	library("test.t");
}

static void test_good(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *put = lwl_schema_find(s, "t.Store.put.request");
	const struct lwl_schema_message *tell = lwl_schema_find(s, "t.Base.tell.oneway");
	const struct lwl_schema_struct *outer = &s->structs[1];

	(void)state;
	assert_true(lwl_schema_is_binary(made.bytes, made.size));
	assert_false(lwl_schema_is_binary(made.bytes, 15));
	assert_false(lwl_schema_is_binary("library test.t version 3;", 25));
	assert_string_equal(s->library->name, "test.t");
	assert_string_equal(s->library->prefix, "t");
	assert_string_equal(s->library->notes.doc, "For tests.");
	assert_int_equal(s->constant_count, 1);
	assert_true(s->constants[0].bits == UINT64_MAX);
	assert_string_equal(s->enums[0].members[1].notes.deprecated, "faded");
	assert_null(s->enums[0].members[0].notes.deprecated);
	assert_true(s->enums[1].known_bits == 0x81);
	assert_int_equal(s->structs[0].size, 8);
	assert_int_equal(s->structs[0].fields[0].hole, 3);
	assert_int_equal(outer->fields[1].offset, 4);
	assert_int_equal(outer->fields[0].hole, 3);
	assert_int_equal(outer->fields[2].offset, 20);
	assert_int_equal(outer->fields[2].hole, 2);
	assert_int_equal(outer->size, 24);
	assert_int_equal(outer->nesting, 2);
	assert_non_null(put);
	assert_non_null(tell);
	assert_int_equal(put->header, 0x0101);
	assert_true(put->command->is_replay_safe);
	assert_ptr_equal(put->command->request, put);
	assert_int_equal(put->command->response->header, 0x8101);
	assert_int_equal(tell->room, 16 + 64);
	assert_int_equal(put->command->response->room, 296 + 64);
	assert_null(lwl_schema_find(s, "t.Store.put"));
	assert_null(lwl_schema_find(s, "test.t.Store.put.request"));
	lwl_schema_free(s);
	lwl_schema_free(NULL);
}

static void test_finding(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_interface *store = lwl_schema_find_interface(s, "t.Store");
	const struct lwl_schema_interface *base = lwl_schema_find_interface(s, "t.Base");
	const struct lwl_schema_message *put = lwl_schema_find(s, "t.Store.put.request");
	const struct lwl_schema_message *tell = lwl_schema_find(s, "t.Base.tell.oneway");
	char text[64];

	(void)state;
	assert_non_null(store);
	assert_non_null(base);
	assert_null(lwl_schema_find_interface(s, "t.Stor"));
	assert_null(lwl_schema_find_interface(s, "Store"));
	assert_int_equal(store->closure_count, 2);
	assert_ptr_equal(lwl_schema_next(s, NULL, 0x0101, NULL), put);
	assert_null(lwl_schema_next(s, NULL, 0x0101, put));
	assert_null(lwl_schema_next(s, NULL, 0x0102, NULL));
	assert_ptr_equal(lwl_schema_next(s, store, 0x0209, NULL), tell);
	assert_ptr_equal(lwl_schema_next(s, base, 0x0209, NULL), tell);
	assert_null(lwl_schema_next(s, base, 0x0101, NULL));
	assert_ptr_equal(lwl_schema_field_numbered(put->items, 6), &put->items->fields[4]);
	assert_null(lwl_schema_field_numbered(put->items, 5));
	assert_ptr_equal(lwl_schema_field_named(put->items, "mode"), &put->items->fields[3]);
	assert_null(lwl_schema_field_named(put->items, "modes"));
	assert_ptr_equal(lwl_schema_struct_field(&s->structs[1], "colour"), &s->structs[1].fields[2]);
	assert_null(lwl_schema_struct_field(&s->structs[1], "color"));
	assert_ptr_equal(lwl_schema_member_of(&s->enums[0], UINT64_MAX), &s->enums[0].members[0]);
	assert_null(lwl_schema_member_of(&s->enums[0], 65535));
	assert_ptr_equal(lwl_schema_member_named(&s->enums[1], "WRITE"), &s->enums[1].members[1]);
	assert_null(lwl_schema_member_named(&s->enums[1], ""));

	lwl_schema_type_format(text, sizeof text, &put->items->fields[1].type);
	assert_string_equal(text, "t.Outer");
	lwl_schema_type_format(text, sizeof text, &put->items->fields[4].type);
	assert_string_equal(text, "link<t.Store>");
	lwl_schema_type_format(text, sizeof text, &put->items->fields[5].type);
	assert_string_equal(text, "link[..3]");
	lwl_schema_type_format(text, sizeof text, &s->groups[0].fields[0].type);
	assert_string_equal(text, "string<2..8>");
	lwl_schema_type_format(text, sizeof text, &s->groups[1].fields[1].type);
	assert_string_equal(text, "bytes<4>");
	assert_int_equal(lwl_schema_type_format(text, 8, &s->groups[0].fields[2].type), 17);
	assert_string_equal(text, "t.Tree[");
	lwl_schema_free(s);
}

static void test_cut_off(void **state)
{
	struct lwl_schema *schema;
	struct lwl_schema_error err;
	size_t i;

	(void)state;
	write_good();
	for (i = 0; i < made.size; i++) {
		uint8_t *exact = malloc(i + 1);

		assert_non_null(exact);
		memcpy(exact, made.bytes, i);
		assert_int_equal(lwl_schema_load(&schema, exact, i, &err), -LWL_EMALFORMED);
		assert_null(schema);
		free(exact);
	}
	made.bytes[made.size - 5] = 1;		/* of the number of interfaces */
	assert_load(-LWL_EMALFORMED, "more records than there are messages");
}

/* Every byte of a right one changed, in several ways: whatever comes out, it does no harm. */
static void test_every_byte(void **state)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff, 0x10 };
	struct lwl_schema *schema;
	size_t i, k, taken = 0, tried = 0;
	uint8_t *exact;

	(void)state;
	write_good();
	exact = malloc(made.size);
	assert_non_null(exact);
	for (i = 0; i < made.size; i++)
		for (k = 0; k < sizeof changes; k++) {
			int status;

			memcpy(exact, made.bytes, made.size);
			exact[i] ^= changes[k];
			status = lwl_schema_load(&schema, exact, made.size, NULL);
			assert_true((status == 0) == (schema != NULL));
			lwl_schema_free(schema);
			taken += status == 0;
			tried++;
		}
	assert_true(taken > 0 && taken < tried / 2);
	free(exact);
}

static void test_unknown_records(void **state)
{
	struct lwl_schema *s;

	(void)state;
	library("test.t");
	begin(END + 1);
	lwl_put_u32(&made.w, 77, 1);
	finish();
	lwl_writer_init(&made.w, made.bytes + made.size, 64, 0, 0);
	lwl_writer_begin(&made.w, 0, LWL_KIND_ONEWAY);		/* PAD */
	finish();
	group("Empty", NAMED, NULL, 0);
	end();
	assert_int_equal(lwl_schema_load(&s, made.bytes, made.size, NULL), 0);
	assert_int_equal(s->group_count, 1);
	lwl_schema_free(s);
}

static void test_bad_records(void **state)
{
	(void)state;
	assert_load(-LWL_EMALFORMED, "the end is missing");
	group("Before", NAMED, NULL, 0);
	end();
	assert_load(-LWL_EMALFORMED, "no binary schema");
	library("test.t");
	assert_load(-LWL_EMALFORMED, "the end is missing");
	library("test.t");
	end();
	refused("its end comes before others");
	made.counts[GROUP]++;
	refused("fewer records of a kind");
	group("One", NAMED, NULL, 0);
	made.counts[GROUP]--;
	refused("more records of a kind");
	made.counts[STRUCTURE] = UINT32_MAX;
	refused("more records than there are messages");

	made.size = 0;
	made.counts[LIBRARY] = 0;
	begin(LIBRARY);
	lwl_put_u32(&made.w, 1, 2);
	put_text(2, "test.t");
	lwl_put_u32(&made.w, 3, 1);
	finish();
	refused("its format is 2");
	library("test..t");
	refused("identifiers and dots");
	library("9");
	refused("identifiers and dots");
	begin(LIBRARY);
	lwl_put_u32(&made.w, 1, 1);
	put_text(2, "test.other");
	finish();
	refused("MISSING");
	begin(LIBRARY);
	lwl_put_u32(&made.w, 1, 1);
	put_text(2, "test.other");
	lwl_put_u32(&made.w, 3, 0);
	finish();
	refused("version is 0");
	begin(LIBRARY);
	lwl_put_u32(&made.w, 1, 1);
	put_text(2, "test.other");
	lwl_put_u32(&made.w, 3, 1);
	lwl_put_packed(&made.w, 4, 4, 0, 9, lwl_seq_of((const uint32_t[]){ 1 }, 1));
	finish();
	refused("imports library 1");
	begin(GROUP);
	lwl_put_u16(&made.w, 2, 0);
	finish();
	refused("SIZE");
}

static void test_bad_notes(void **state)
{
	(void)state;
	library("test.t");
	note(2, ANY, "");
	refused("no kind of note 2");
	note(0, 0, "");
	refused("member 0 of 0");
	group("G", NAMED, FIELDS({ "a", U8, 1, 0, 0, 0 }));
	note(0, 1, "");
	refused("member 1 of 1");
	note(0, ANY, "a");
	note(1, ANY, "b");
	note(0, ANY, "c");
	refused("two notes of one kind");
}

static void test_bad_enums(void **state)
{
	(void)state;
	library("test.t");
	enumeration("E", LWL_TYPE_BOOL, 0, MEMBERS({ "A", 1 }));
	refused("no enum or flags");
	enumeration("E", LWL_TYPE_F32, 0, MEMBERS({ "A", 1 }));
	refused("no enum or flags");
	enumeration("E", LWL_TYPE_S8, 1, MEMBERS({ "A", 1 }));
	refused("no enum or flags");
	enumeration("E", LWL_TYPE_U8, 4, MEMBERS({ "A", 1 }));
	refused("no enum or flags");
	enumeration("E", LWL_TYPE_U8, 0, MEMBERS({ "A", 256 }));
	refused("does not fit");
	enumeration("E", LWL_TYPE_S8, 0, MEMBERS({ "A", 128 }));
	refused("does not fit");
	enumeration("E", LWL_TYPE_S8, 0, MEMBERS({ "A", UINT64_MAX - 128 }));
	refused("does not fit");
	enumeration("E", LWL_TYPE_U8, 1, MEMBERS({ "A", 8 }));
	refused("does not fit");
	enumeration("E", LWL_TYPE_U8, 0, MEMBERS({ "A", 8 }, { "B", 8 }));
	refused("have one value");
	enumeration("E", LWL_TYPE_U8, 0, MEMBERS({ "A", 8 }, { "A", 9 }));
	refused("two members \"A\"");
	enumeration("E", LWL_TYPE_U8, 0, MEMBERS({ "A-B", 8 }));
	refused("not an identifier");
	enumeration("", LWL_TYPE_U8, 0, MEMBERS({ "A", 8 }));
	refused("SIZE");
	begin(CONSTANT);
	put_text(1, "C");
	lwl_put_u8(&made.w, 2, LWL_TYPE_ENUM);
	lwl_put_u64(&made.w, 3, 0);
	finish();
	refused("no scalar");
	begin(CONSTANT);
	put_text(1, "C");
	lwl_put_u8(&made.w, 2, LWL_TYPE_F32);
	lwl_put_u64(&made.w, 3, UINT64_C(1) << 32);
	finish();
	refused("does not fit");
}

/* A group with this one field of number 1 is refused. */
static void refuse_type(struct type type, unsigned presence, uint64_t value, const char *why)
{
	const struct field f = { "field", type, 1, presence, value, 0 };

	enumeration("E", LWL_TYPE_U8, 0, MEMBERS({ "A", 3 }));
	enumeration("F", LWL_TYPE_U8, 1, MEMBERS({ "A", 3 }));
	structure("S", FIELDS({ "a", U8, 0, 0, 0, 0 }));
	group("G", NAMED, &f, 1);
	group(NULL, UNION, FIELDS({ "a", U8, 1, 0, 0, 0 }));
	group(NULL, MESSAGE, NULL, 0);
	refused(why);
}

static void test_bad_types(void **state)
{
	const unsigned required = LWL_PRESENCE_REQUIRED, list = LWL_PRESENCE_LIST,
		       preset = LWL_PRESENCE_DEFAULT;

	(void)state;
	library("test.t");
	refuse_type((struct type){ .kind = 19 }, required, 0, "kind 19");
	refuse_type((struct type){ .kind = LWL_TYPE_U8, .shape = 3 }, required, 0, "shape 3");
	refuse_type((struct type){ .kind = LWL_TYPE_U8, .max = 1 }, required, 0, "bounds");
	refuse_type((struct type){ .kind = LWL_TYPE_U8, .index = 1 }, required, 0, "index 1");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_ARRAY, 3, 4, 0, 0 }, required, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_ARRAY, 0, 0, 0, 0 }, required, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_LIST, 1, 4, 0, 0 }, list, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_LIST, 0, 65536, 0, 0 }, list, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_LIST, 0, 4, 16, 0 }, list, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_GROUP, LWL_SHAPE_LIST, 0, 4, 7, 0 }, list, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_GROUP, LWL_SHAPE_ARRAY, 4, 4, 0, 0 }, required, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_UNION, LWL_SHAPE_LIST, 0, 4, 0, 1 }, list, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_STRING, LWL_SHAPE_ONE, 5, 4, 0, 0 }, required, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_STRING, LWL_SHAPE_ONE, 0, 0, 0, 0 }, required, 0, "bounds");
	refuse_type((struct type){ LWL_TYPE_BYTES, LWL_SHAPE_ONE, 0, 65532, 0, 0 }, required, 0,
		    "bounds");
	refuse_type((struct type){ LWL_TYPE_BYTES, LWL_SHAPE_LIST, 0, 4, 0, 0 }, list, 0, "bounds");
	refuse_type((struct type){ .kind = LWL_TYPE_ENUM, .index = 1 }, required, 0, "enumeration 1");
	refuse_type((struct type){ .kind = LWL_TYPE_FLAGS, .index = 0 }, required, 0, "enumeration 0");
	refuse_type((struct type){ .kind = LWL_TYPE_ENUM, .index = 2 }, required, 0, "enumeration 2");
	refuse_type((struct type){ .kind = LWL_TYPE_STRUCT, .index = 1 }, required, 0, "structure 1");
	refuse_type((struct type){ .kind = LWL_TYPE_GROUP, .index = 3 }, required, 0, "no group 3");
	refuse_type((struct type){ .kind = LWL_TYPE_GROUP, .index = 1 }, required, 0,
		    "not what it says");
	refuse_type((struct type){ .kind = LWL_TYPE_UNION, .index = 2 }, required, 0,
		    "not what it says");
	refuse_type((struct type){ .kind = LWL_TYPE_LINK, .index = 0 }, required, 0, "no interface 0");
	refuse_type((struct type){ .kind = LWL_TYPE_LINK, .index = ANY - 1 }, required, 0,
		    "no interface");

	made.hole = 1;
	refuse_type((struct type)U8, required, 0, "LEAF_PADDING");
	made.hole = 0;

	refuse_type((struct type)U8, list, 0, "presence");
	refuse_type((struct type)U8, 4, 0, "presence");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_LIST, 0, 4, 0, 0 }, required, 0, "presence");
	refuse_type((struct type)U8, required, 1, "default");
	refuse_type((struct type)U8, preset, 256, "default");
	refuse_type((struct type){ .kind = LWL_TYPE_BOOL }, preset, 2, "default");
	refuse_type((struct type){ .kind = LWL_TYPE_S8 }, preset, 128, "default");
	refuse_type((struct type){ .kind = LWL_TYPE_ENUM }, preset, 0, "default");
	refuse_type((struct type){ .kind = LWL_TYPE_FLAGS, .index = 1 }, preset, 1, "default");
	refuse_type((struct type){ .kind = LWL_TYPE_STRUCT }, preset, 0, "default");
	refuse_type((struct type){ LWL_TYPE_STRING, 0, 0, 4, 0, 0 }, preset, 0, "default");
	refuse_type((struct type){ LWL_TYPE_U8, LWL_SHAPE_ARRAY, 4, 4, 0, 0 }, preset, 0, "default");
}

static void test_bad_structs(void **state)
{
	(void)state;
	library("test.t");
	structure("S", NULL, 0);
	refused("is empty");
	structure("S", FIELDS({ "s", { .kind = LWL_TYPE_STRUCT }, 0, 0, 0, 0 }));
	refused("structure 0 does not come before");
	structure("S", FIELDS({ "a", U8, 1, 0, 0, 0 }));
	refused("no struct can hold it");
	structure("S", FIELDS({ "a", U8, 0, LWL_PRESENCE_OPTIONAL, 0, 0 }));
	refused("no struct can hold it");
	structure("S", FIELDS({ "a", { LWL_TYPE_STRING, 0, 0, 4, 0, 0 }, 0, 0, 0, 0 }));
	refused("no struct can hold it");
	structure("S", FIELDS({ "a", { .kind = LWL_TYPE_LINK, .index = ANY }, 0, 0, 0, 0 }));
	refused("no struct can hold it");
	structure("S", FIELDS({ "a", U8, 0, 0, 0, 0 }, { "a", U32, 0, 0, 0, 0 }));
	refused("two fields are named \"a\"");
	structure("S", FIELDS({ "a", { LWL_TYPE_U64, LWL_SHAPE_ARRAY, 8126, 8126, 0, 0 }, 0, 0, 0, 0 }));
	refused("larger than 65000");
	structure("S", FIELDS({ "a", { LWL_TYPE_U8, LWL_SHAPE_ARRAY, 65000, 65000, 0, 0 }, 0, 0, 0, 0 }));
	structure("T", FIELDS({ "s", { LWL_TYPE_STRUCT, LWL_SHAPE_ARRAY, 65535, 65535, 0, 0 }, 0, 0, 0,
				0 }));
	refused("larger than 65000");
	structure("S", FIELDS({ "a", U8, 0, 0, 0, 4 }));
	refused("since 4 in version 3");
}

static void test_nested_structs(void **state)
{
	int i;

	(void)state;
	library("test.t");
	structure("S", FIELDS({ "a", U8, 0, 0, 0, 0 }));
	for (i = 1; i < LWL_SCHEMA_NESTING_MAX; i++)
		structure("S", FIELDS({ "s", { .kind = LWL_TYPE_STRUCT, .index = i - 1 }, 0, 0, 0, 0 }));
	end();
	assert_load(0, NULL);
	library("test.t");
	structure("S", FIELDS({ "a", U8, 0, 0, 0, 0 }));
	for (i = 1; i <= LWL_SCHEMA_NESTING_MAX; i++)
		structure("S", FIELDS({ "s", { .kind = LWL_TYPE_STRUCT, .index = i - 1 }, 0, 0, 0, 0 }));
	end();
	assert_load(-LWL_ETOOLARGE, "nest deeper");
}

static void test_bad_groups(void **state)
{
	(void)state;
	library("test.t");
	group("G", NAMED, FIELDS({ "a", U8, 2, 0, 0, 0 }, { "b", U8, 2, 0, 0, 0 }));
	refused("does not ascend");
	group("G", NAMED, FIELDS({ "a", U8, 0, 0, 0, 0 }));
	refused("does not ascend");
	group("G", NAMED, FIELDS({ "a", U8, 0x3f00, 0, 0, 0 }));
	refused("or is none");
	group(NULL, NAMED, NULL, 0);
	refused("form 0, and no name");
	group("G", UNION, FIELDS({ "a", U8, 1, 0, 0, 0 }));
	refused("form 1, and a name");
	group(NULL, 3, NULL, 0);
	refused("form 3");
	group(NULL, UNION, NULL, 0);
	refused("no members");
	group(NULL, UNION, FIELDS({ "a", U8, 1, LWL_PRESENCE_OPTIONAL, 0, 0 }));
	refused("neither absent nor lists");
}

static void test_bad_interfaces(void **state)
{
	const uint32_t both[] = { 0, 1 };

	(void)state;
	library("test.t");
	interface("I", 0, NO_USES, NULL, 0);
	refused("cannot have the id 0");
	interface("I", 128, NO_USES, NULL, 0);
	refused("cannot have the id 128");
	interface("I", 1, both, 1, NULL, 0);
	refused("uses interface 0");
	interface("I", 1, NO_USES, NULL, 0);
	interface("J", 1, NO_USES, NULL, 0);
	interface("K", 2, both, 2, NULL, 0);
	refused("have one id");
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 1, 0, ANY }));
	refused("do not come before");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 0, 0, 1 }));
	refused("do not come before");
	group("G", NAMED, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 1, 0, ANY }));
	refused("or are none");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 1, 0, 0 }));
	refused("neither a one-way");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 0, 0, ANY }));
	refused("neither a one-way");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 0, 1, 0, ANY }));
	refused("number 0");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 2, 1, 0, ANY }, { "d", 2, 1, 0, ANY }));
	refused("does not ascend");
	group(NULL, MESSAGE, NULL, 0);
	interface("I", 1, NO_USES, COMMANDS({ "c", 2, 1, 0, ANY }, { "c", 3, 1, 0, ANY }));
	refused("two messages \"t.I.c.oneway\"");
}

/* The items of a message: what cannot be, and what is too large. */
static void refuse_message(const struct field *fields, size_t count, const char *why)
{
	group(NULL, MESSAGE, fields, count);
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 1, made.counts[GROUP] - 1, ANY }));
	refused(why);
}

static void test_bad_sizes(void **state)
{
	(void)state;
	library("test.t");
	group("G", NAMED, FIELDS({ "self", { .kind = LWL_TYPE_GROUP }, 1, 0, 0, 0 }));
	refuse_message(FIELDS({ "g", { .kind = LWL_TYPE_GROUP }, 1, 0, 0, 0 }), "no finite value");
	group(NULL, UNION, FIELDS({ "self", { .kind = LWL_TYPE_UNION }, 1, 0, 0, 0 }));
	refuse_message(FIELDS({ "u", { .kind = LWL_TYPE_UNION }, 1, 0, 0, 0 }), "no finite value");
	refuse_message(FIELDS({ "b", { LWL_TYPE_BYTES, 0, 0, 65452, 0, 0 }, 1, 0, 0, 0 }),
		       "larger than a message");
	/* 65535 ^ 8 elements */
	group("G", NAMED, FIELDS({ "g", { LWL_TYPE_GROUP, LWL_SHAPE_LIST, 0, 65535, 0, 0 }, 1,
				   LWL_PRESENCE_LIST, 0, 0 }));
	refuse_message(FIELDS({ "g", { .kind = LWL_TYPE_GROUP }, 1, 0, 0, 0 }), "larger than a message");

	/* 8 bytes more than 4 GiB: 65535 elements of 64 KiB, and two more items */
	group("H", NAMED, FIELDS({ "b", { LWL_TYPE_BYTES, 0, 0, 65524, 0, 0 }, 1, 0, 0, 0 }));
	refuse_message(FIELDS({ "h", { LWL_TYPE_GROUP, LWL_SHAPE_LIST, 0, 65535, 0, 0 }, 1,
				LWL_PRESENCE_LIST, 0, 0 },
			      { "b", { LWL_TYPE_BYTES, 0, 0, 65531, 0, 0 }, 2, 0, 0, 0 },
			      { "u", U32, 3, 0, 0, 0 }), "larger than a message");

	group(NULL, MESSAGE, FIELDS({ "b", { LWL_TYPE_BYTES, 0, 0, 65451, 0, 0 }, 1, 0, 0, 0 }));
	interface("I", 1, NO_USES, COMMANDS({ "c", 1, 1, 0, ANY }));
	end();
	assert_load(0, NULL);
}

/* An enum in pieces, with its members' notes behind the last, and a text in pieces. */
static void test_large(void **state)
{
	enum { COUNT = 10000, PIECE = 999 };
	struct lwl_schema *s;
	char *long_text = malloc(60001);
	uint32_t i, k;

	(void)state;
	assert_non_null(long_text);
	memset(long_text, 'x', 60000);
	long_text[60000] = '\0';
	library("test.t");
	for (i = 0; i < COUNT; i += PIECE) {
		begin(ENUMERATION);
		made.counts[ENUMERATION] = 1;
		put_text(1, "Many");
		lwl_put_u8(&made.w, 2, LWL_TYPE_U16);
		for (k = i; k < i + PIECE && k < COUNT; k++) {
			char name[16];

			snprintf(name, sizeof name, "M%u", (unsigned)k);
			put_member(&(struct member){ name, COUNT - k });
		}
		lwl_put_bool(&made.w, 5, k < COUNT);
		finish();
	}
	for (i = 0; i < 3; i++)
		note(0, COUNT - 1, long_text);
	end();
	assert_int_equal(lwl_schema_load(&s, made.bytes, made.size, NULL), 0);
	assert_int_equal(s->enum_count, 1);
	assert_int_equal(s->enums[0].member_count, COUNT);
	for (i = 0; i < COUNT; i++)
		assert_ptr_equal(lwl_schema_member_of(&s->enums[0], COUNT - i), &s->enums[0].members[i]);
	assert_int_equal(strlen(s->enums[0].members[COUNT - 1].notes.doc), 180000);
	lwl_schema_free(s);
	free(long_text);
}

static void test_bad_pieces(void **state)
{
	int i;

	(void)state;
	library("test.t");
	for (i = 0; i < 2; i++) {		/* another name */
		begin(STRUCTURE);
		put_text(1, i == 0 ? "S" : "T");
		put_field(2, &(struct field){ "a", U8, 0, 0, 0, 0 });
		lwl_put_bool(&made.w, 3, i == 0);
		finish();
	}
	made.counts[STRUCTURE] = 1;
	refused("goes on under another name");
	begin(GROUP);				/* nothing of it follows */
	put_text(1, "G");
	lwl_put_bool(&made.w, 4, true);
	finish();
	refused("ends where more of it was announced");
	for (i = 0; i < 2; i++) {		/* uses in the second */
		interface("Base", 1, NO_USES, NULL, 0);
		begin(IFACE);
		put_text(1, "I");
		lwl_put_u8(&made.w, 2, 2);
		lwl_put_bool(&made.w, 5, true);
		finish();
		begin(IFACE);
		put_text(1, "I");
		lwl_put_u8(&made.w, 2, 2);
		lwl_put_packed(&made.w, 3, 4, 0, 1, lwl_seq_of((const uint32_t[]){ 0 }, 1));
		finish();
		made.counts[IFACE]--;
		refused("uses interfaces where it goes on");
	}
}

/* Names of commands that are much larger in the tables than in the bytes. */
static void test_limits(void **state)
{
	struct lwl_schema_error err;
	struct lwl_schema *s;
	uint8_t *huge = calloc(1, (size_t)LWL_SCHEMA_SIZE_MAX + 8);

	(void)state;
	assert_non_null(huge);
	assert_int_equal(lwl_schema_load(&s, huge, (size_t)LWL_SCHEMA_SIZE_MAX + 8, &err), -LWL_ETOOLARGE);
	assert_null(s);
	assert_int_equal(lwl_schema_load(&s, huge, LWL_SCHEMA_SIZE_MAX, &err), -LWL_EMALFORMED);
	assert_null(s);
	assert_int_equal(err.wire.bad, LWL_BAD_LENGTH);
	free(huge);
}

/* ---- values ---- */

static struct lwl_value bits(uint32_t field, uint64_t v)
{
	return (struct lwl_value){ .field = (uint16_t)field, .bits = v };
}

static struct lwl_value text(uint32_t field, const char *v)
{
	return (struct lwl_value){ .kind = LWL_VALUE_TEXT, .field = (uint16_t)field,
				   .count = (uint32_t)strlen(v), .data = (const uint8_t *)v };
}

enum { STOP = 99 };			/* a kind that ends the items of a level */

static struct lwl_value level(uint32_t field, unsigned kind, const struct lwl_value *items)
{
	struct lwl_value v = { .kind = (uint8_t)kind, .field = (uint16_t)field, .items = items };

	while (items[v.count].kind != STOP)
		v.count++;
	return v;
}

#define VALUES(...) (struct lwl_value[]){ __VA_ARGS__, { .kind = STOP } }
#define GROUP_OF(field, ...) level(field, LWL_VALUE_GROUP, VALUES(__VA_ARGS__))
#define LIST_OF(field, ...) level(field, LWL_VALUE_LIST, VALUES(__VA_ARGS__))
#define EMPTY(number) ((struct lwl_value){ .kind = LWL_VALUE_GROUP, .field = (number) })

#define INNER GROUP_OF(0, bits(0, 1), bits(1, 2))
#define OUTER GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER, INNER), bits(2, UINT64_MAX))
#define TREE GROUP_OF(2, text(0, "root"))

static int encode(const struct lwl_schema_message *m, struct lwl_value value, uint8_t *msg, size_t *len,
		  struct lwl_value_error *err)
{
	struct lwl_writer w;
	int status;

	lwl_writer_init(&w, msg, LWL_MESSAGE_MAX + 1, 5, m->kind != LWL_KIND_ONEWAY);
	status = lwl_value_encode(&w, m, &value, err);
	*len = lwl_writer_size(&w);
	return status;
}

static void test_there_and_back(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *put = lwl_schema_find(s, "t.Store.put.request");
	static uint8_t msg[LWL_MESSAGE_MAX + 1];
	struct lwl_arena arena;
	struct lwl_value v;
	struct lwl_error err;
	const struct lwl_value *outer, *tree, *steps;
	size_t len;

	(void)state;
	v = GROUP_OF(0, bits(0, 7), OUTER,
		     GROUP_OF(2, text(0, "root"), LIST_OF(2, GROUP_OF(0, text(0, "leaf"))),
			      GROUP_OF(3, text(1, ""))),
		     bits(3, 0x80), bits(4, 9), LIST_OF(5, bits(0, 1), bits(0, 2)),
		     LIST_OF(6, bits(0, UINT64_MAX), bits(0, 127)));
	assert_int_equal(encode(put, v, msg, &len, NULL), 0);
	assert_true(len <= put->room - 64);
	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	assert_int_equal(lwl_value_decode(put, msg, len, &arena, &v, &err), 0);
	assert_int_equal(v.count, 6);			/* the default was left out */
	assert_null(lwl_value_get(&v, 3));
	assert_null(lwl_value_get(&v, 7));
	outer = lwl_value_get(&v, 1);
	assert_non_null(outer);
	assert_int_equal(outer->items[1].items[1].items[1].bits, 2);
	assert_true(outer->items[2].bits == UINT64_MAX);
	tree = lwl_value_get(&v, 2);
	assert_non_null(tree);
	assert_int_equal(tree->count, 3);
	assert_memory_equal(tree->items[1].items[0].items[0].data, "leaf", 4);
	assert_int_equal(lwl_value_get(tree, 3)->items[0].field, 1);
	assert_int_equal(lwl_value_get(tree, 3)->items[0].count, 0);
	steps = lwl_value_get(&v, 6);
	assert_true(steps->items[0].bits == UINT64_MAX && steps->items[1].bits == 127);
	assert_null(lwl_value_get(steps, 0));		/* no group */
	lwl_arena_free(&arena);

	/* Empty lists are absent. */
	v = GROUP_OF(0, bits(0, 7), OUTER, TREE);
	assert_int_equal(encode(put, v, msg, &len, NULL), 0);
	assert_int_equal(lwl_value_decode(put, msg, len, &arena, &v, &err), 0);
	assert_int_equal(v.count, 3);
	assert_int_equal(v.items[2].count, 1);
	lwl_arena_free(&arena);
	lwl_schema_free(s);
}

/* Encoding it fails at `path` for the reason `why`. */
static void assert_wrong(const struct lwl_schema_message *m, struct lwl_value v, const char *path,
			 const char *why)
{
	static uint8_t msg[LWL_MESSAGE_MAX + 1];
	struct lwl_value_error err;
	char found[200];
	size_t len;

	if (encode(m, v, msg, &len, &err) != -LWL_EINVAL)
		fail_msg("\"%s\" should be wrong: it %s", path, why);
	assert_int_equal(len, 0);
	lwl_value_path_format(found, sizeof found, &err);
	assert_string_equal(found, path);
	assert_string_equal(err.why, why);
	assert_true((err.field == NULL) == (path[0] == '\0'));
	assert_true((err.value == NULL) == (strcmp(why, "is required") == 0));
}

static void test_wrong_values(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *m = lwl_schema_find(s, "t.Store.put.request");

	(void)state;
	assert_wrong(m, GROUP_OF(0, OUTER, TREE), "id", "is required");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER), "tree", "is required");
	assert_wrong(m, EMPTY(0), "id", "is required");
	assert_wrong(m, bits(0, 1), "", "is not a group of values");
	assert_wrong(m, GROUP_OF(0, bits(0, UINT64_C(1) << 32), OUTER, TREE), "id", "does not fit its type");
	assert_wrong(m, GROUP_OF(0, text(0, "7"), OUTER, TREE), "id", "is not a single value");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), bits(0, 7), OUTER, TREE), "",
		     "has fields that do not ascend, or do not exist");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, bits(8, 1)), "",
		     "has fields that do not ascend, or do not exist");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), GROUP_OF(1, bits(0, 2), LIST_OF(1, INNER, INNER),
							 bits(2, 2)), TREE),
		     "outer.open", "is neither false nor true");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER), bits(2, 2)),
				 TREE),
		     "outer.inner", "does not have as many elements as its type says");
	assert_wrong(m, GROUP_OF(0, bits(0, 7),
				 GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER, GROUP_OF(0, bits(0, 256),
				 bits(1, 2))), bits(2, 2)), TREE),
		     "outer.inner[1].tag", "does not fit its type");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER, INNER),
							 bits(2, 3)), TREE),
		     "outer.colour", "is no member of its enum");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER, INNER)), TREE),
		     "outer.colour", "is required");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), GROUP_OF(1, bits(0, 1), LIST_OF(1, INNER, INNER),
							 bits(2, 2), bits(3, 0)), TREE),
		     "outer", "has members that its struct does not know");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "r"))), "tree.name",
		     "is shorter than its bound");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "rootrootr"))), "tree.name",
		     "is longer than its bound");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "\xff\xff"))), "tree.name",
		     "is not valid UTF-8, or holds U+0000");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "root"), EMPTY(1))),
		     "tree.next.name", "is required");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "root"),
		     LIST_OF(2, TREE, TREE, TREE, TREE))),
		     "tree.below", "has more elements than its bound");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "root"),
		     LIST_OF(2, GROUP_OF(0, text(0, "12345678"), GROUP_OF(1, text(0, "12345678"))),
			     GROUP_OF(0, text(0, "12345678"), GROUP_OF(1, text(0, "12345678"))),
			     TREE))),
		     "tree.below", "takes more bytes than its bound");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "root"),
		     EMPTY(3))),
		     "tree.choice", "does not have exactly one member");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, GROUP_OF(2, text(0, "root"),
		     GROUP_OF(3, bits(0, 1), text(1, "a")))),
		     "tree.choice", "does not have exactly one member");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, bits(3, 2)), "mode",
		     "has bits that its flags do not know");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, bits(4, 0)), "peer", "is linkid 0");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, LIST_OF(5, bits(0, 1), bits(0, 0))),
		     "peers[1]", "is linkid 0");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, LIST_OF(6, bits(0, 1), bits(0, 128))),
		     "steps[1]", "does not fit its type");
	assert_wrong(m, GROUP_OF(0, bits(0, 7), OUTER, TREE, LIST_OF(7, bits(0, 2), bits(0, 1))),
		     "pair[1]", "is no member of its enum");
	lwl_schema_free(s);
}

static void test_writer_errors(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *put = lwl_schema_find(s, "t.Store.put.request");
	const struct lwl_schema_message *tell = lwl_schema_find(s, "t.Base.tell.oneway");
	struct lwl_value tree = GROUP_OF(1, text(0, "deep")), levels[LWL_DEPTH_MAX][3], v;
	struct lwl_value_error err;
	uint8_t msg[1024];
	struct lwl_writer w;
	size_t size;
	int i;

	(void)state;
	v = EMPTY(0);
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_value_encode(&w, tell, &v, &err), -LWL_EINVAL);
	assert_string_equal(err.why, "is a one-way: its msgid must be 0");
	v = GROUP_OF(0, bits(0, 7), OUTER, TREE);
	lwl_writer_init(&w, msg, sizeof msg, 1, 0);
	assert_int_equal(lwl_value_encode(&w, put, &v, &err), -LWL_EINVAL);
	assert_string_equal(err.why, "is not a one-way: its msgid must not be 0");
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_value_encode(&w, put, &v, &err), 0);
	for (size = lwl_writer_size(&w); size-- > 0;) {
		struct lwl_writer small;

		lwl_writer_init(&small, msg, size, 1, 7);
		assert_int_equal(lwl_value_encode(&small, put, &v, NULL), -LWL_ENOBUFS);
	}

	/* One level more than groups may nest. */
	for (i = 0; i < LWL_DEPTH_MAX; i++) {
		levels[i][0] = text(0, "name");
		levels[i][1] = tree;
		levels[i][2].kind = STOP;
		tree = level(1, LWL_VALUE_GROUP, levels[i]);
	}
	tree.field = 2;
	v = GROUP_OF(0, bits(0, 7), OUTER, tree);
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_value_encode(&w, put, &v, NULL), -LWL_ETOOLARGE);
	lwl_schema_free(s);
}

static void test_decode_limits(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *put = lwl_schema_find(s, "t.Store.put.request");
	static uint8_t msg[LWL_MESSAGE_MAX + 1];
	struct lwl_arena arena;
	struct lwl_value v = GROUP_OF(0, bits(0, 7), OUTER, TREE);
	struct lwl_error err;
	size_t len, limit, refusals = 0;

	(void)state;
	assert_int_equal(encode(put, v, msg, &len, NULL), 0);
	for (limit = 0; limit < 4000; limit += 16) {
		int status;

		lwl_arena_init(&arena, limit);
		status = lwl_value_decode(put, msg, len, &arena, &v, &err);
		assert_int_equal(err.bad, LWL_BAD_NONE);
		if (status != 0) {
			assert_int_equal(status, -LWL_ENOMEM);
			assert_int_equal(v.count, 0);
			refusals++;
		}
		lwl_arena_free(&arena);
	}
	assert_true(refusals > 10 && refusals < 200);
	lwl_arena_init(&arena, 100);
	assert_non_null(lwl_arena_alloc(&arena, 40));
	assert_null(lwl_arena_alloc(&arena, 80));
	assert_non_null(lwl_arena_alloc(&arena, 20));
	assert_null(lwl_arena_alloc(&arena, SIZE_MAX));
	lwl_arena_free(&arena);
	assert_non_null(lwl_arena_alloc(&arena, 100));
	lwl_arena_free(&arena);
	lwl_schema_free(s);
}

static void test_error_responses(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *m = lwl_schema_find(s, "t.Store.put.response");
	struct lwl_arena arena;
	struct lwl_value v;
	struct lwl_error err;
	struct lwl_writer w;
	uint8_t msg[400], *short_form;

	(void)state;
	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_error_encode(&w, 0x0101, LWL_ENOENT, "no such key"), 0);
	assert_int_equal(lwl_value_decode(m, msg, lwl_writer_size(&w), &arena, &v, &err), -LWL_ENOENT);
	assert_int_equal(err.detail.len, 11);
	assert_int_equal(lwl_value_error_code(msg, lwl_writer_size(&w)), LWL_ENOENT);
	assert_int_equal(lwl_value_error_code(msg, lwl_writer_size(&w) - 8), 0);
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_error_encode(&w, 0x0101, 200, NULL), 0);
	assert_int_equal(lwl_value_decode(m, msg, lwl_writer_size(&w), &arena, &v, &err), -LWL_EIO);
	assert_int_equal(lwl_value_error_code(msg, lwl_writer_size(&w)), 200);
	v = EMPTY(0);
	lwl_writer_init(&w, msg, sizeof msg, 1, 7);
	assert_int_equal(lwl_value_encode(&w, m, &v, NULL), 0);
	assert_int_equal(lwl_value_error_code(msg, lwl_writer_size(&w)), 0);
	short_form = malloc(24);
	assert_non_null(short_form);
	memcpy(short_form, msg, 16);
	lwl_store64(short_form + 16, 8u << 16 | LWL_ITEM_GROUP | LWL_ITEM_ERROR);
	lwl_store16(short_form + 14, 24);
	assert_int_equal(lwl_value_error_code(short_form, 24), 0);
	free(short_form);
	lwl_arena_free(&arena);
	lwl_schema_free(s);
}

static void test_paths(void **state)
{
	struct lwl_schema *s = load_good();
	const struct lwl_schema_message *m = lwl_schema_find(s, "t.Store.put.request");
	struct lwl_error err = { .bad = LWL_BAD_SIZE, .depth = 3, .path = { { 3, 0 }, { 3, 2 }, { 1, 0 } } };
	char path[64];

	(void)state;
	lwl_schema_path_format(path, sizeof path, m, &err);
	assert_string_equal(path, "tree.below[2].name");
	err.path[1].index = 0;
	assert_int_equal(lwl_schema_path_format(path, 12, m, &err), 18);
	assert_string_equal(path, "tree.below[");
	err.bad = LWL_BAD_ORDER;			/* of no element yet */
	err.depth = 2;
	lwl_schema_path_format(path, sizeof path, m, &err);
	assert_string_equal(path, "tree.below");
	err.depth = 3;
	err.path[1].number = 5;
	err.path[2].number = 3;
	lwl_schema_path_format(path, sizeof path, m, &err);
	assert_string_equal(path, "tree.choice.raw");
	err.path[0] = (struct lwl_step){ 99, 1 };
	lwl_schema_path_format(path, sizeof path, m, &err);
	assert_string_equal(path, "99[1].5.3");
	err.path[0] = (struct lwl_step){ LWL_ITEM_TRACE, 0 };
	err.depth = 1;
	lwl_schema_path_format(path, sizeof path, m, &err);
	assert_string_equal(path, "$trace");
	err.depth = 0;
	assert_int_equal(lwl_schema_path_format(path, sizeof path, m, &err), 0);
	assert_string_equal(path, "");
	lwl_schema_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good), TEST(test_finding), TEST(test_cut_off), TEST(test_every_byte),
		TEST(test_unknown_records), TEST(test_bad_records), TEST(test_bad_notes),
		TEST(test_bad_enums), TEST(test_bad_types), TEST(test_bad_structs),
		TEST(test_nested_structs), TEST(test_bad_groups), TEST(test_bad_interfaces),
		TEST(test_bad_sizes), TEST(test_large), TEST(test_bad_pieces), TEST(test_limits),
		TEST(test_there_and_back), TEST(test_wrong_values), TEST(test_writer_errors),
		TEST(test_decode_limits), TEST(test_error_responses), TEST(test_paths),
	};

	return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
