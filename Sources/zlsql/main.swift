print("zlsql")
