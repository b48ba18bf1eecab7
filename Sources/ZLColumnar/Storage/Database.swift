import Synchronization

/// The committed state that all sessions of a process share.
package final class Database: Sendable {
    private let committed = Mutex(Catalog())
    package let isReadOnly: Bool

    private init(isReadOnly: Bool) { self.isReadOnly = isReadOnly }

    /// - Parameter path: the database file, made where it does not exist; nil for a database in memory.
    package static func open(path: String?, isReadOnly: Bool) throws(ZLError) -> Database {
        if let path { throw ZLError.notYet("a database file (\(path))") }
        return Database(isReadOnly: isReadOnly)
    }

    /// The committed catalog, tables' rows included.
    package var snapshot: Catalog { committed.withLock { $0 } }

    /// Makes a changed catalog the committed one, whole or not at all.
    package func commit(_ catalog: Catalog) throws(ZLError) {
        if isReadOnly { throw ZLError(.io, "read_only", "the database is open read-only and cannot be changed") }
        committed.withLock { $0 = catalog }
    }
}
