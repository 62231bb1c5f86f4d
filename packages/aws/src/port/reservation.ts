/**
 * What a burst of calls needs, taken in advance so that nothing waits while an application is frozen: request tokens
 * for each call (at most the whole bucket: what is beyond waits as usual) and an open connection for each, kept open
 * until the release. A reserved create is sent once, also when AWS refuses it for its rate. Reservations of other ports and regions must be taken in one fixed order by everyone (regions by
 * name; EC2, RDS, Redshift): two that wait for each other's tokens would wait for ever.
 */
export type Reservation<Port> = {
  /** The same port, whose reserved calls draw on the tokens first and then wait as usual. */
  readonly port: Port;
  /** Gives back what was not used; needed in any case. May be called twice. */
  readonly release: () => void;
};
