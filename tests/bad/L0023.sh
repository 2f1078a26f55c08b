# A chain of 101 files, each importing the next.
awk 'BEGIN {
	for (i = 1; i <= 101; i++) {
		file = i == 1 ? "L0023.lwl" : "chain" i ".lwl"
		print "library chain" i " version 1;" >file
		if (i < 101)
			print "import \"chain" i + 1 ".lwl\";" >file
		close(file)
	}
}'
