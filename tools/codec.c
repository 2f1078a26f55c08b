/*
 * lwl decode, lwl encode, lwl types.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "lwl.h"

enum { STDIN_SIZE = LWL_MESSAGE_MAX + 2 };	/* one byte more than a message has with its padding */

static const char *part_name(const struct lwl_schema_message *message)
{
	return strrchr(message->name, '.') + 1;
}

void complain_about_message(const char *before, const struct lwl_schema_message *message,
			    const struct lwl_error *err)
{
	char names[1024], numbers[200] = "";
	size_t used = 0;
	uint32_t i;

	lwl_schema_path_format(names, sizeof names, message, err);
	for (i = 0; i < err->depth && used < sizeof numbers; i++) {
		used += (size_t)snprintf(numbers + used, sizeof numbers - used, "%s%u",
					 i > 0 ? "." : "", (unsigned)err->path[i].number);
		if (err->path[i].index > 0 && used < sizeof numbers)
			used += (size_t)snprintf(numbers + used, sizeof numbers - used, "[%u]",
						 (unsigned)err->path[i].index);
	}
	if (err->depth > 0)
		complain("%s%s at offset %lu, %s.%s (item %s): %s", before, lwl_bad_name(err->bad),
			 (unsigned long)err->offset, part_name(message), names, numbers,
			 lwl_bad_text(err->bad));
	else
		complain("%s%s at offset %lu, %s: %s", before, lwl_bad_name(err->bad),
			 (unsigned long)err->offset, part_name(message), lwl_bad_text(err->bad));
}

/* What the code alone does not say about the message's first 16 bytes. */
static void explain_header(const struct lwl_schema_message *message, const uint8_t *msg, size_t size,
			   const struct lwl_error *err)
{
	struct lwl_header header;

	if (size < LWL_HEADER_SIZE) {
		complain("a message has 16 bytes at least; there were %zu", size);
		return;
	}
	lwl_header_load(&header, msg);
	if (err->bad == LWL_BAD_LENGTH && size > LWL_MESSAGE_MAX + 1)
		complain("a message has 65536 bytes at most, with its padding; there were more");
	else if (err->bad == LWL_BAD_LENGTH)
		complain("its length field is %u, which with padding takes %lu bytes; there were %zu",
			 (unsigned)header.length, (unsigned long)lwl_padded(header.length), size);
	else if (err->bad == LWL_BAD_COMMAND)
		complain("its command field is 0x%04x; that of %s is 0x%04x", (unsigned)header.command,
			 message->name, (unsigned)message->header);
}

static void print_error(const uint8_t *msg, size_t size, const struct lwl_error *err, bool pretty)
{
	printf(pretty ? ",\n  \"$error\": {\n    \"code\": %" PRIu32 ",\n    \"detail\": "
	       : ",\"$error\":{\"code\":%" PRIu32 ",\"detail\":", lwl_value_error_code(msg, size));
	print_text(stdout, (const uint8_t *)err->detail.data, err->detail.len);
	fputs(pretty ? "\n  }\n" : "}", stdout);
}

void print_values(const struct lwl_schema_message *message, const struct lwl_value *items, bool pretty)
{
	putchar('{');
	print_items(stdout, message->items->fields, message->items->field_count, items, false,
		    pretty ? 1 : -1);
	putchar('}');
}

static void print_message(const struct lwl_schema_message *message, const struct lwl_value *items,
			  const uint8_t *msg, size_t size, const struct lwl_error *err, bool pretty)
{
	bool is_error = message->kind == LWL_KIND_RESPONSE && lwl_value_error_code(msg, size) != 0;
	struct lwl_header header;

	lwl_header_load(&header, msg);
	printf(pretty ? "{\n  \"$header\": {\n    \"linkid\": \"0x%" PRIx64
	       "\",\n    \"msgid\": %" PRIu32 "\n  }"
	       : "{\"$header\":{\"linkid\":\"0x%" PRIx64 "\",\"msgid\":%" PRIu32 "}",
	       header.linkid, header.msgid);
	if (is_error)
		print_error(msg, size, err, pretty);
	else
		print_items(stdout, message->items->fields, message->items->field_count, items, true,
			    pretty ? 1 : -1);
	puts("}");
}

static int decode(const struct arguments *a, const struct lwl_schema_message *message)
{
	static uint8_t msg[STDIN_SIZE];
	bool pretty = a->pretty == WHEN_AUTO ? isatty(STDOUT_FILENO) : a->pretty == WHEN_ALWAYS;
	struct input *in = allocate(NULL, sizeof *in);
	struct lwl_arena arena;
	struct lwl_value items;
	struct lwl_error err;
	size_t size;
	int status;
	bool failed;

	input_init(in, STDIN_FILENO, a->hex);
	size = input_read(in, msg, sizeof msg);
	failed = in->failed;
	free(in);
	if (failed)
		return a->hex ? EXIT_BAD_INPUT : EXIT_OTHER;
	lwl_arena_init(&arena, LWL_ARENA_LIMIT);
	status = lwl_value_decode(message, msg, size, &arena, &items, &err);
	if (err.bad != LWL_BAD_NONE) {
		complain_about_message("", message, &err);
		if (err.depth == 0)
			explain_header(message, msg, size, &err);
		status = EXIT_BAD_INPUT;
	} else if (status == -LWL_ENOMEM && lwl_value_error_code(msg, size) == 0) {
		complain("the message's values need too much memory");
		status = EXIT_OTHER;
	} else {
		print_message(message, &items, msg, size, &err, pretty);
		status = finish_output() ? 0 : EXIT_OTHER;
	}
	lwl_arena_free(&arena);
	return status;
}

int command_decode(const struct arguments *a)
{
	struct lwl_schema *schema = schema_open(a);
	const struct lwl_schema_message *message;
	int status = EXIT_OTHER;

	if (schema == NULL)
		return EXIT_OTHER;
	message = schema_find_type(schema, a->type);
	if (message != NULL)
		status = decode(a, message);
	lwl_schema_free(schema);
	return status;
}

/* ---- encode ---- */

static int encode_error(struct lwl_writer *w, const struct lwl_schema_message *message,
			const struct json_message *m)
{
	struct lwl_group group;

	lwl_writer_begin(w, message->header & (uint16_t)~LWL_RESPONSE, LWL_KIND_RESPONSE);
	lwl_begin_group(w, LWL_ITEM_ERROR, &group);
	lwl_put_u32(w, 1, m->code);
	lwl_put_string(w, 2, 0, 255, m->detail);
	lwl_end_group(w, &group);
	return lwl_writer_finish(w);
}

static bool write_message(const uint8_t *msg, size_t size, bool hex)
{
	size_t i;

	if (hex) {
		for (i = 0; i < size; i++)
			printf("%02x%s", msg[i], i % 16 == 15 || i + 1 == size ? "\n"
			       : i % 8 == 7 ? "  " : " ");
	} else {
		fwrite(msg, 1, size, stdout);
	}
	return finish_output();
}

size_t encode_json(struct lwl_writer *w, const struct lwl_schema_message *message,
		   const struct json_message *m)
{
	struct lwl_value_error err;
	int status = m->is_error ? encode_error(w, message, m)
				 : lwl_value_encode(w, message, &m->items, &err);

	if (status == 0)
		return lwl_writer_size(w);
	if (status == -LWL_EINVAL)
		json_message_complain(m, &err);
	else if (status != -LWL_ENOMEM)
		complain("the message would have more than 65535 bytes");
	else
		out_of_memory();
	return 0;
}

static int write_values(const struct arguments *a, const struct lwl_schema_message *message,
			const struct json_message *m)
{
	static uint8_t buffer[LWL_MESSAGE_MAX + 1];
	uint64_t linkid = message->command->interface->id == 0 ? 0 : 1;
	uint32_t msgid = message->kind == LWL_KIND_ONEWAY ? 0 : 1;
	struct lwl_writer w;
	size_t size;

	linkid = a->has_linkid ? a->linkid : m->has_linkid ? m->linkid : linkid;
	msgid = a->has_msgid ? a->msgid : m->has_msgid ? m->msgid : msgid;
	if ((msgid == 0) != (message->kind == LWL_KIND_ONEWAY)) {
		complain(msgid == 0 ? "msgid 0 is for one-way messages, which %s is not"
			 : "a one-way message such as %s has msgid 0", message->name);
		return EXIT_BAD_INPUT;
	}
	lwl_writer_init(&w, buffer, sizeof buffer, linkid, msgid);
	size = encode_json(&w, message, m);
	if (size == 0)
		return EXIT_BAD_INPUT;
	return write_message(buffer, size, a->hex) ? 0 : EXIT_OTHER;
}

static int encode(const struct arguments *a, const struct lwl_schema_message *message)
{
	struct input *in = allocate(NULL, sizeof *in);
	struct json_message m;
	struct lwl_arena arena;
	size_t size;
	char *text;
	int status = EXIT_BAD_INPUT;

	input_init(in, STDIN_FILENO, false);
	text = input_read_all(in, JSON_SIZE, "stdin", &size);
	if (in->failed)
		status = EXIT_OTHER;
	free(in);
	if (text == NULL)
		return status;
	lwl_arena_init(&arena, 2 * (size_t)LWL_ARENA_LIMIT);
	if (json_message_read(&m, message, "stdin", text, size, a->has_msgid, &arena))
		status = write_values(a, message, &m);
	json_message_free(&m);
	lwl_arena_free(&arena);
	free(text);
	return status;
}

int command_encode(const struct arguments *a)
{
	const struct lwl_schema_message *message;
	struct lwl_schema *schema;
	int status = EXIT_OTHER;

	if (!a->hex && isatty(STDOUT_FILENO)) {
		complain("will not write a binary message to a terminal; take --hex, or send it to "
			 "a file");
		return EXIT_OTHER;
	}
	schema = schema_open(a);
	if (schema == NULL)
		return EXIT_OTHER;
	message = schema_find_type(schema, a->type);
	if (message != NULL)
		status = encode(a, message);
	lwl_schema_free(schema);
	return status;
}

/* ---- types ---- */

int command_types(const struct arguments *a)
{
	struct lwl_schema *schema = schema_open(a);
	size_t width = 0;
	uint32_t i;

	if (schema == NULL)
		return EXIT_OTHER;
	for (i = 0; i < schema->message_count; i++)
		if (strlen(schema->messages[i].name) > width)
			width = strlen(schema->messages[i].name);
	for (i = 0; i < schema->message_count; i++) {
		const struct lwl_schema_message *m = &schema->messages[i];
		bool response = m->kind == LWL_KIND_RESPONSE;

		printf("%-*s %6lu bytes  0x%04x%s%s%s\n", (int)width, m->name,
		       (unsigned long)m->largest, (unsigned)m->header,
		       m->kind == LWL_KIND_ONEWAY ? "  one-way" : "",
		       m->command->is_replay_safe && !response ? "  replay safe" : "",
		       m->command->notes.deprecated != NULL ? "  deprecated" : "");
	}
	lwl_schema_free(schema);
	return finish_output() ? 0 : EXIT_OTHER;
}
