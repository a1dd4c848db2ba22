import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { type Observable, throwError } from 'rxjs';

/** The one place where what a handler threw becomes a `NexusError`; what nobody expected is logged with its stack. */
@Catch()
export class NexusErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('Handler');

  catch(thrown: unknown, _host: ArgumentsHost): Observable<never> {
    const error = NexusError.from(thrown);
    if (error !== thrown) this.logger.error(thrown);
    return throwError(() => error);
  }
}
