/** One row, none before the first purge: up to which id events of the audit log were deleted. */
export type AuditPurgedTable = {
  id: number;
  through: number;
};
