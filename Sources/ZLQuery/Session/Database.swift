@_exported import struct ZLColumnar.ZLError
import ZLColumnar

/// A database file, or a database in memory, that sessions work on.
public final class Database: Sendable {
    let store: ZLColumnar.Database

    /// Opens the file at `path`, which is made where it does not exist; nil: in memory, gone when the database is.
    ///
    /// - Throws: class io for a file that cannot be opened, class corruption for one that is no database.
    public init(path: String? = nil, readOnly: Bool = false) throws(ZLError) {
        store = try ZLColumnar.Database.open(path: path, isReadOnly: readOnly)
    }

    public var isReadOnly: Bool { store.isReadOnly }

    /// Writes what is committed to its place in the file.
    func checkpoint() throws(ZLError) {}
}
