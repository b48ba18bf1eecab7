/// All schemas and their entries at one moment: a value, so that a statement works on its own copy and commits it whole.
///
/// Names keep their case and are found without regard to it. Tables, views, macros, sequences and indexes of a schema share
/// one space of names; models have their own.
package struct Catalog: Sendable {
    package static let defaultSchema = "main"

    private struct Key: Hashable {
        let schema: String
        let name: String
        let isModel: Bool

        init(_ schema: String, _ name: String, isModel: Bool) {
            self.schema = schema.lowercased()
            self.name = name.lowercased()
            self.isModel = isModel
        }
    }

    private var schemasByName: [String: String] = ["main": "main"]
    private var entriesByKey: [Key: CatalogEntry] = [:]

    package init() {}

    /// Schema names in alphabetical order.
    package var schemas: [String] { schemasByName.values.sorted() }

    /// Entries by schema and name in alphabetical order.
    package var entries: [CatalogEntry] {
        entriesByKey.values.sorted { ($0.schema, $0.name, $0.kind.rawValue) < ($1.schema, $1.name, $1.kind.rawValue) }
    }

    package func hasSchema(_ name: String) -> Bool { schemasByName[name.lowercased()] != nil }

    /// A table, view, macro, sequence or index.
    package func entry(schema: String, name: String) -> CatalogEntry? {
        entriesByKey[Key(schema, name, isModel: false)]
    }

    package func model(schema: String, name: String) -> CatalogEntry? { entriesByKey[Key(schema, name, isModel: true)] }

    /// Adds a schema; nothing happens where it exists.
    package mutating func createSchema(_ name: String) { schemasByName[name.lowercased()] = schemasByName[name.lowercased()] ?? name }

    /// Removes a schema and all in it.
    package mutating func dropSchema(_ name: String) {
        schemasByName[name.lowercased()] = nil
        entriesByKey = entriesByKey.filter { $0.key.schema != name.lowercased() }
    }

    /// Adds or replaces an entry.
    package mutating func put(_ entry: CatalogEntry) {
        entriesByKey[Key(entry.schema, entry.name, isModel: entry.kind == .model)] = entry
    }

    package mutating func remove(_ entry: CatalogEntry) {
        entriesByKey[Key(entry.schema, entry.name, isModel: entry.kind == .model)] = nil
    }
}
