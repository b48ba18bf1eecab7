import ZLColumnar

/// Table functions about stored models.
extension TableFunction {
    static let models: [TableFunction] = [
        about(
            "model_metrics", "The figures of a model: one row a fold, and one for all with fold NULL", ModelTables.metricColumns,
            rows: ModelTables.metrics),
        about(
            "model_history", "The metrics of a model's training runs, round by round", ModelTables.historyColumns,
            rows: ModelTables.history),
        about(
            "model_importance", "How often, and with what gain, a model splits by each feature", ModelTables.importanceColumns,
            rows: ModelTables.importance),
        TableFunction("zl_models", "The stored models", example: "* FROM zl_models()") {
            (arguments, _, context) throws(ZLError) in
            guard arguments.isEmpty else { throw ZLError(.binding, "argument_count", "zl_models takes no arguments") }
            var rows: [[Value]] = []
            for name in context.modelNames {
                if let model = try context.model(name) as? StoredModel { rows.append(ModelTables.model(model)) }
            }
            return .rows(columns: ModelTables.modelColumns, chunks: DataChunk.chunks(of: rows, types: ModelTables.modelColumns.map(\.type)))
        },
    ]

    /// A function whose one argument is a model's name.
    private static func about(
        _ name: String, _ summary: String, _ columns: ModelTables.Columns, rows: @escaping @Sendable (StoredModel) -> [[Value]]
    ) -> TableFunction {
        TableFunction(name, summary, example: "* FROM \(name)('m')") { (arguments, _, context) throws(ZLError) in
            guard arguments.count == 1, case .string(let wanted) = arguments[0] else {
                throw ZLError(.binding, "bad_argument", "\(name) takes the name of a model as text")
            }
            guard let model = try context.model(wanted) as? StoredModel else {
                throw ZLError(
                    .binding, "unknown_model", "there is no model \"\(wanted)\"",
                    hint: NearestName.hint(wanted, among: context.modelNames))
            }
            return .rows(columns: columns, chunks: DataChunk.chunks(of: rows(model), types: columns.map(\.type)))
        }
    }
}
