import ZLBoost
import ZLColumnar

/// DROP, ALTER, EXPORT and IMPORT MODEL.
extension Session {
    func dropModel(_ name: Identifier, ifExists: Bool) throws(ZLError) -> QueryResult {
        guard let entry = catalog.model(schema: Catalog.defaultSchema, name: name.text) else {
            if ifExists { return QueryResult() }
            throw unknownModel(name)
        }
        catalog.remove(entry)
        return QueryResult()
    }

    func renameModel(_ name: Identifier, to newName: Identifier, ifExists: Bool) throws(ZLError) -> QueryResult {
        guard let entry = catalog.model(schema: Catalog.defaultSchema, name: name.text) else {
            if ifExists { return QueryResult() }
            throw unknownModel(name)
        }
        if !newName.text.isSameName(as: entry.name) { try requireFreeModelName(newName) }
        catalog.remove(entry)
        var renamed = entry
        renamed.name = newName.text
        catalog.put(renamed)
        return QueryResult()
    }

    func exportModel(_ name: Identifier, _ path: Expression) throws(ZLError) -> QueryResult {
        let model = try requireModel(name)
        try TextFile.write(model.boosted.text(), to: self.path(path))
        return QueryResult()
    }

    func importModel(_ name: Identifier, _ path: Expression, orReplace: Bool) throws(ZLError) -> QueryResult {
        if !orReplace { try requireFreeModelName(name) }
        let file = try self.path(path)
        let boosted: BoostedModel
        do { boosted = try BoostedModel(parsing: TextFile.read(file)) } catch {
            var named = error
            if !error.message.contains(file) { named.message = "\(file): \(error.message)" }
            throw named
        }
        var description = ModelDescription()
        description.isImported = true
        description.source = file
        store(StoredModel(name: name.text, boosted: boosted, description: description, figures: [], histories: []))
        return QueryResult()
    }

    // MARK: The catalog's models

    func requireModel(_ name: Identifier) throws(ZLError) -> StoredModel {
        guard let model = try models.model(named: name.text, in: catalog) else { throw unknownModel(name) }
        return model
    }

    func requireFreeModelName(_ name: Identifier) throws(ZLError) {
        guard catalog.model(schema: Catalog.defaultSchema, name: name.text) == nil else {
            throw ZLError(
                .binding, "already_exists", "there is a model \"\(name.text)\" already", hint: "OR REPLACE takes its place",
                range: name.range)
        }
    }

    func store(_ model: StoredModel) {
        let text = String(decoding: model.payload, as: UTF8.self)
        catalog.put(CatalogEntry(schema: Catalog.defaultSchema, name: model.name, kind: .model, text: text))
        models.keep(model, text: text)
    }

    private func unknownModel(_ name: Identifier) -> ZLError {
        let names = catalog.entries.filter { $0.kind == .model }.map(\.name)
        return ZLError(
            .binding, "unknown_model", "there is no model \"\(name.text)\"", hint: NearestName.hint(name.text, among: names),
            range: name.range)
    }
}
