{
	echo 'library bad version 1;'
	awk 'BEGIN { for (i = 0; i < 201; i++) print "group G" i " { 0: u8 x; }" }'
} >L0012.lwl
