import ZLColumnar

/// The settings that statements are bound and run under; what SET changes.
struct Settings: Sendable {
    /// Threads one statement may keep busy.
    var threads: Int = WorkerPool.processorCount
    /// `/` of two integers gives an integer, as in PostgreSQL; off, it gives DOUBLE.
    var integerDivision = false
    /// Where NULLs stand where ORDER BY does not say.
    var defaultNullOrder: DefaultNullOrder = .last
    /// The direction where ORDER BY does not say.
    var defaultOrder: SortDirection = .ascending
    /// `//` and `%` of integers by zero are errors; off, they give NULL.
    var errorOnDivisionByZero = true
    /// Bytes the operators of a statement may hold together.
    var memoryLimit: Int?
}

/// The values of `default_null_order`.
enum DefaultNullOrder: String, Hashable, Sendable, CaseIterable {
    case first = "nulls_first"
    case last = "nulls_last"
    case firstOnAscending = "nulls_first_on_asc_last_on_desc"
    case lastOnAscending = "nulls_last_on_asc_first_on_desc"

    func nullsFirst(isDescending: Bool) -> Bool {
        switch self {
        case .first: true
        case .last: false
        case .firstOnAscending: !isDescending
        case .lastOnAscending: isDescending
        }
    }
}
