import ZLColumnar

extension Session {
    /// Does what a statement says, on `catalog`.
    func perform(_ statement: Statement) throws(ZLError) -> QueryResult {
        switch statement.kind {
        case .query(let query): return try runQuery(query)

        case .createSchema(let create): return try createSchema(create)
        case .createTable(let create): return try createTable(create)
        case .createView(let create): return try createView(create)
        case .createIndex(let create): return try createIndex(create)
        case .drop(let drop): return try self.drop(drop)

        case .insert(let insert): return try self.insert(insert)
        case .update(let update): return try self.update(update)
        case .delete(let delete): return try self.delete(delete)
        case .truncate(let name): return try truncate(name)
        case .copy(let copy): return try self.copy(copy)

        case .begin: return try begin(statement.range)
        case .commit: return try commit(statement.range)
        case .rollback: return try rollback(statement.range)
        case .checkpoint(let name): return try checkpoint(name)

        case .explain(let explain): return try self.explain(explain)
        case .describe(let target): return try describe(target, statement.range)
        case .summarize: throw ZLError.notYet("SUMMARIZE", range: statement.range)
        case .show(let target): return try show(target)
        case .set(let set): return try self.set(set)
        case .reset(let name): return try reset(name)
        case .setVariable(let name, let value): return try setVariable(name, value)
        case .resetVariable(let name): return resetVariable(name)

        case .train(let train): return try self.train(train)
        case .dropModel(let name, let ifExists): return try dropModel(name, ifExists: ifExists)
        case .renameModel(let name, let newName, let ifExists):
            return try renameModel(name, to: newName, ifExists: ifExists)
        case .exportModel(let name, let path): return try exportModel(name, path)
        case .importModel(let name, let path, let orReplace): return try importModel(name, path, orReplace: orReplace)

        default:
            throw ZLError.notYet(statement.kind.name, range: statement.range)
        }
    }
}

extension StatementKind {
    /// What a statement that does not exist yet is called.
    fileprivate var name: String {
        switch self {
        case .createMacro: "CREATE MACRO"
        case .createSequence: "CREATE SEQUENCE"
        case .createType: "CREATE TYPE"
        case .alter(let alter): "ALTER \(alter.object.rawValue)"
        case .comment: "COMMENT ON"
        case .pragma(let pragma): "PRAGMA \(pragma.name.text)"
        case .attach: "ATTACH"
        case .detach: "DETACH"
        case .use: "USE"
        case .exportDatabase: "EXPORT DATABASE"
        case .importDatabase: "IMPORT DATABASE"
        case .vacuum: "VACUUM"
        case .prepare: "PREPARE"
        case .execute: "EXECUTE"
        case .deallocate: "DEALLOCATE"
        case .call: "CALL"
        case .evaluateModel: "EVALUATE MODEL"
        case .reportModel: "REPORT MODEL"
        default: "this statement"
        }
    }
}
