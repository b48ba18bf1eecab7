import Synchronization
import ZLColumnar

/// Stored models that were read already. Reading a large model's text takes a while, and a model rarely changes.
final class ModelCache: Sendable {
    /// By lower-case name, with the text that the model was read from.
    private let models = Mutex<[String: (text: String, model: StoredModel)]>([:])

    /// The model of a name; nil where there is none.
    func model(named name: String, in catalog: Catalog) throws(ZLError) -> StoredModel? {
        guard let entry = catalog.model(schema: Catalog.defaultSchema, name: name) else { return nil }
        let key = entry.name.lowercased()
        if let known = models.withLock({ $0[key] }), known.text == entry.text { return known.model }
        let model = try StoredModel(name: entry.name, payload: Array(entry.text.utf8))
        keep(model, text: entry.text)
        return model
    }

    /// Remembers a model that was just made.
    func keep(_ model: StoredModel, text: String) {
        models.withLock { $0[model.name.lowercased()] = (text, model) }
    }
}
