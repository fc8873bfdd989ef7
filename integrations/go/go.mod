module countermark

go 1.19
