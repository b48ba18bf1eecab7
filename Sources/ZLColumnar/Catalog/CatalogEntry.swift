/// A column of a table or view as the catalog keeps it.
package struct ColumnDefinition: Hashable, Sendable {
    package var name: String
    package var type: DataType
    package var isNotNull: Bool
    /// The text of the DEFAULT expression.
    package var defaultText: String?

    package init(name: String, type: DataType, isNotNull: Bool = false, defaultText: String? = nil) {
        self.name = name
        self.type = type
        self.isNotNull = isNotNull
        self.defaultText = defaultText
    }
}

/// Something that has a name in a schema. To this layer it is a name, a kind, columns and opaque text; SQL gives it meaning.
package struct CatalogEntry: Sendable {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable { case table = 0, view = 1, model = 2, macro = 3, sequence = 4, index = 5 }

    package var schema: String
    package var name: String
    package var kind: Kind
    package var columns: [ColumnDefinition]
    /// What the layer above needs to know: a view's query, a table's constraints, a model's text.
    package var text: String
    /// Columns that a table's rows are physically ordered by, empty for none.
    package var sortOrder: [Int]
    /// The rows of a table.
    package var data: TableData?

    package init(
        schema: String, name: String, kind: Kind, columns: [ColumnDefinition] = [], text: String = "", sortOrder: [Int] = [],
        data: TableData? = nil
    ) {
        self.schema = schema
        self.name = name
        self.kind = kind
        self.columns = columns
        self.text = text
        self.sortOrder = sortOrder
        self.data = data
    }
}
